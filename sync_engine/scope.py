"""Which local records go to an integration: `settings["scope"]`, per type the allowed values of fields.

    {"scope": {"job": {"status": ["In Production", "Pre-Production"], "branchId": ["0199..."]}}}

All fields must hold one of their values (null = empty); text is compared without regard to case. A record outside
is not created there; one that leaves the scope later stays in step. No scope = everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from connectors.base.errors import ConfigError
from integrations.models import Integration
from records.catalog import Kind, SyncField, SyncType
from records.values import read_sql

_FOLDED = (Kind.TEXT, Kind.CHOICE)
_PLAIN = (*_FOLDED, Kind.UUID, Kind.REFERENCE, Kind.BOOLEAN, Kind.INTEGER, Kind.DATE)


def condition(integration: Integration, sync_type: SyncType, table: str) -> tuple[str, list[Any]]:
    """SQL that is true for the records inside, beginning with AND, and its values; ("", []) = everything.
    Raises `ConfigError` with a sentence."""
    sql, values = "", []
    for name, allowed in _fields(integration, sync_type).items():
        field = _field(sync_type, name, allowed)
        held = f"({read_sql(field, table)})::text"
        texts = [_text(value) for value in allowed if value is not None]
        folded = field.kind in _FOLDED
        held, texts = (f"lower({held})", [text.lower() for text in texts]) if folded else (held, texts)
        empty = f" OR {held} IS NULL" if None in allowed else ""
        sql += f" AND ({held} = ANY(%s::text[]){empty})"
        values.append(texts)
    return sql, values


def inside(integration: Integration, sync_type: SyncType, ids: Sequence[str]) -> set[str]:
    """Those of the ids whose records are inside."""
    sql, values = condition(integration, sync_type, "record")
    if not sql:
        return set(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT record.id::text FROM "{sync_type.table}" AS record WHERE record.organization_id = %s '
            f"AND record.id = ANY(%s::uuid[]){sql}",
            [integration.organization_id, list(ids), *values],
        )
        return {row[0] for row in cursor.fetchall()}


def _fields(integration: Integration, sync_type: SyncType) -> Mapping[str, Sequence[Any]]:
    scopes = integration.settings.get("scope") or {}
    found = scopes.get(sync_type.key) or {} if isinstance(scopes, Mapping) else None
    if not isinstance(found, Mapping):
        raise ConfigError(
            f"The setting scope of '{integration.name}' must be an object such as "
            '{"job": {"status": ["In Production"]}}.'
        )
    return found


def _field(sync_type: SyncType, name: str, allowed: Any) -> SyncField:
    if not sync_type.has_field(name):
        known = ", ".join(sync_type.field_names)
        raise ConfigError(f"The setting scope names {sync_type.key}.{name}, which does not exist. Known: {known}.")
    field = sync_type.field(name)
    if field.kind not in _PLAIN or not isinstance(allowed, list):
        raise ConfigError(f"The setting scope needs a list of values for {sync_type.key}.{name}, a field of one value.")
    return field


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
