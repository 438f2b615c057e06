"""Makes the shapes of a run: which types move, in which order, by which mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.base.capabilities import Pulls, Pushes
from connectors.base.connector import Connector
from connectors.base.errors import ConfigError
from connectors.base.resource import Resource
from integrations.enums import SyncDirection
from integrations.mapping.compiler import compile_mapping
from integrations.models import FieldMapping, Integration
from integrations.services import field_specs
from records import catalog, watching
from sync_engine.shape import Shape, rules_by_field


def mappings_in_force(integration: Integration) -> dict[str, FieldMapping]:
    """Resource type -> the highest version of its mapping."""
    found: dict[str, FieldMapping] = {}
    for mapping in FieldMapping.objects.filter(integration=integration).order_by("resource_type", "version"):
        found[mapping.resource_type] = mapping
    return found


def syncing(integration: Integration) -> dict[str, FieldMapping]:
    """The mappings in force of the kinds that the integration's settings let in."""
    return {key: row for key, row in mappings_in_force(integration).items() if syncs(integration, key)}


def syncs(integration: Integration, resource_type: str) -> bool:
    return integration.syncs(catalog.get(resource_type).data_type)


def shapes(
    integration: Integration,
    connector: Connector,
    *,
    resource_types: Sequence[str] = (),
    pull: bool = True,
    push: bool = True,
) -> list[Shape]:
    """In dependency order; a kind that the settings leave out comes only if it is named, and then moves nothing.
    Raises `ConfigError` where nothing is left to sync, and `MappingError`."""
    mappings = mappings_in_force(integration)
    chosen = [mappings[key] for key in resource_types or syncing(integration) if key in mappings]
    if not chosen:
        raise ConfigError(_nothing(integration, resource_types, mappings))
    made = [_shape(integration, connector, mapping, pull, push, _wanted_by(mappings)) for mapping in chosen]
    return in_order(made)


def _nothing(integration: Integration, resource_types: Sequence[str], mappings: Mapping[str, Any]) -> str:
    """Why there is nothing to sync."""
    mapped = ", ".join(mappings) or "nothing"
    if mappings and not resource_types:
        return f"'{integration.name}' has nothing to sync: its settings leave out what it maps ({mapped})."
    return f"'{integration.name}' has no mapping for {', '.join(resource_types) or 'anything'}. It maps: {mapped}."


def _wanted_by(mappings: dict[str, FieldMapping]) -> set[str]:
    """Types that some mapping of the integration looks up."""
    return {
        transform["resourceType"].lower()
        for mapping in mappings.values()
        for rules in ("externalToInternal", "internalToExternal")
        for rule in mapping.document.get(rules) or []
        if isinstance(transform := rule.get("transform"), dict) and transform.get("type") == "lookup"
    }


def _shape(
    integration: Integration, connector: Connector, row: FieldMapping, pull: bool, push: bool, looked_up: set[str]
) -> Shape:
    resource = resource_of(connector, row.resource_type, row.document)
    sync_type = catalog.get(row.resource_type)
    mapping = compile_mapping(row.document, field_specs(sync_type))
    direction = integration.sync_direction
    on = integration.syncs(sync_type.data_type)
    inward = on and isinstance(connector, Pulls) and direction != SyncDirection.LOCAL_TO_EXTERNAL
    writes = on and resource.writable and direction != SyncDirection.EXTERNAL_TO_LOCAL
    outward = writes and isinstance(connector, Pushes)
    return Shape(
        integration=integration,
        connector=connector,
        resource=resource,
        sync_type=sync_type,
        mapping=mapping,
        mapping_version=row.version,
        pulls=pull and inward,
        pushes=push and outward and any(rule.push for rule in mapping.rules),
        inward=inward,
        outward=outward,
        match_keys=tuple(mapping.match_keys),
        announced=announced(integration, row.resource_type),
        looked_up=row.resource_type in looked_up,
        rules_of=rules_by_field(mapping),
    )


def resource_of(connector: Connector, resource_type: str, document: Mapping[str, Any]) -> Resource:
    """What of the provider the mapping is about: its own type's, unless it names another (`externalResource`)."""
    return connector.resource(document.get("externalResource") or resource_type)


def announced(integration: Integration, resource_type: str) -> bool:
    """Does any other integration push this type, or anybody watch it? If not, its pulled records need no outbox
    rows."""
    if watching.watched(str(integration.organization_id), resource_type) or _mirrored(integration, resource_type):
        return True
    return (
        FieldMapping.objects.filter(
            integration__organization_id=integration.organization_id, resource_type=resource_type
        )
        .exclude(integration=integration)
        .exclude(integration__sync_direction=SyncDirection.EXTERNAL_TO_LOCAL)
        .exists()
    )


def _mirrored(integration: Integration, resource_type: str) -> bool:
    """Are records of this type the external side of another integration?"""
    types = [connector.upper() for connector, _ in catalog.get(resource_type).mirrors]
    others = Integration.objects.filter(organization_id=integration.organization_id, type__in=types)
    return bool(types) and others.exclude(pk=integration.pk).exists()


def in_order(made: Iterable[Shape]) -> list[Shape]:
    """Contacts before invoices before payments: every type after those it depends on."""
    waiting: dict[str, Shape] = {shape.type: shape for shape in made}
    ordered: list[Shape] = []
    while waiting:
        ready = [s for s in waiting.values() if not set(s.resource.depends_on) & set(waiting) - {s.type}]
        if not ready:
            raise ConfigError(f"These types depend on each other in a circle: {', '.join(waiting)}.")
        for shape in ready:
            ordered.append(waiting.pop(shape.type))
    return ordered
