"""Creating integrations and saving mappings. Validation happens here, for the API, the console and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from connectors.base import registry
from integrations.enums import SyncDirection
from integrations.mapping.compiler import compile_mapping
from integrations.mapping.errors import MappingError, Problem
from integrations.mapping.fields import FieldSpec
from integrations.mapping.laws import check_laws
from integrations.models import FieldMapping, Integration
from integrations.signals import type_mapped
from integrations.starters import added_documents, documents
from records import catalog
from records.catalog import SyncType
from records.models import Organization


class DuplicateName(ValueError):
    """An organization has one integration of a name."""


@transaction.atomic
def create_integration(
    organization: Organization,
    *,
    name: str,
    type: str,  # R1's name for the connector
    base_url: str = "",
    auth_type: str,
    credentials: Mapping[str, Any],
    data_types: Sequence[str],
    mappings: Mapping[str, Mapping[str, Any]] | None = None,
    settings: Mapping[str, Any] | None = None,
    created_by: str = "",
    **fields: Any,
) -> Integration:
    """Stores the integration with a mapping for every chosen data type (the starter mapping unless one is
    given). Raises `DuplicateName`, `ConfigError` for an unknown connector, `MappingError`."""
    connector = registry.get(type.lower())
    if Integration.objects.filter(organization=organization, name=name).exists():
        raise DuplicateName(f"There is already an integration named '{name}'. Choose another name.")
    integration = Integration.objects.create(
        organization=organization,
        name=name,
        type=type.upper(),
        base_url=base_url or connector.base_url,
        auth_type=auth_type,
        credentials=dict(credentials),
        settings=dict(settings or {}),
        data_types=list(data_types),
        **{**connector.defaults, **fields},
    )
    save_starter_mappings(integration, mappings, created_by=created_by)
    return integration


def save_starter_mappings(
    integration: Integration, given: Mapping[str, Mapping[str, Any]] | None = None, *, created_by: str = ""
) -> None:
    """A mapping for every data type of a new integration: the starter mapping unless one is given."""
    found = documents(integration.connector_key, integration.data_types, integration.settings, given)
    for resource_type, document in found.items():
        save_mapping(integration, resource_type, document, created_by=created_by)


def map_new_types(integration: Integration, *, created_by: str = "") -> None:
    """Data types that were added get their starter mapping. Raises `ConfigError`."""
    rows = FieldMapping.objects.filter(integration=integration).order_by("version")
    held = {row.resource_type: row.document for row in rows}
    new = added_documents(integration.connector_key, integration.data_types, integration.settings, held)
    for key, document in new.items():
        save_mapping(integration, key, document, created_by=created_by)


@transaction.atomic
def save_mapping(
    integration: Integration, resource_type: str, document: Mapping[str, Any], *, created_by: str = ""
) -> FieldMapping:
    """Checks and stores a new version; the next run reads everything again under it. Raises `MappingError` with
    every problem."""
    check_mapping(resource_type, document)
    latest = (
        FieldMapping.objects.select_for_update()
        .filter(integration=integration, resource_type=resource_type)
        .order_by("-version")
        .first()
    )
    saved = FieldMapping.objects.create(
        integration=integration,
        resource_type=resource_type,
        version=latest.version + 1 if latest else 1,
        document=dict(document),
        created_by=created_by,
    )
    if latest is None:
        _let_in(integration, catalog.get(resource_type).data_type)
        type_mapped.send(FieldMapping, integration=integration, resource_type=resource_type)
    return saved


def _let_in(integration: Integration, data_type: str) -> None:
    """Who maps a kind of record wants it synced."""
    if not integration.syncs(data_type):
        integration.data_types = [*integration.data_types, data_type]
        integration.save(update_fields=["data_types", "updated_at"])


def check_mapping(resource_type: str, document: Mapping[str, Any]) -> None:
    """A rule that loses something on a round trip is refused with an example, until it is made one-way or the
    loss is named in `acknowledgedLosses`. Raises `MappingError` with every problem."""
    compiled = compile_mapping(document, field_specs(catalog.get(resource_type)), SyncDirection.BIDIRECTIONAL)
    broken = [Problem(f"rule {one.rule}", one.sentence) for one in check_laws(compiled)]
    if broken:
        raise MappingError(broken)


def field_specs(sync_type: SyncType) -> dict[str, FieldSpec]:
    """The catalog's fields as the mapping sees them, aliases included."""
    return {name: _spec(sync_type, name) for name in (*sync_type.field_names, *sync_type.aliases)}


def _spec(sync_type: SyncType, name: str) -> FieldSpec:
    field = sync_type.field(name)
    return FieldSpec(
        kind=field.kind.value,
        required=field.required and not sync_type.has_default(field),
        choices=field.choices,
        max_length=field.max_length,
        reference=field.reference,
        writable=field.writable,
    )
