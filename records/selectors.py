"""Reads of records as plain values, without model instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from .catalog import Kind, SyncField, SyncType
from .values import from_json_text, read_sql, sql_type

Values = tuple[Any, ...]


class Snapshot(NamedTuple):
    """A record as read: `values` in the order of the fields asked for, `updated_at` aware, in UTC."""

    values: Values
    updated_at: datetime
    deleted: bool


class Entry(NamedTuple):
    """A record of a listing."""

    id: str
    values: Values
    updated_at: datetime
    deleted: bool


def read(
    sync_type: SyncType, organization_id: str, ids: Sequence[str], field_names: tuple[str, ...], *, lock: bool = False
) -> dict[str, Snapshot]:
    """Records by id, deleted ones too; an id that is not there is left out. With `lock`, nobody else
    writes them until the transaction ends."""
    if not ids:
        return {}
    sql = f"{_select(sync_type, field_names)} AND t.id = ANY(%s::uuid[])"
    if lock:
        sql += " ORDER BY t.id FOR NO KEY UPDATE"
    shape = _shape(sync_type, field_names)
    rows = _rows(sql, [organization_id, list(ids)])
    return {row[0]: Snapshot(shape(row[3:]), row[1], row[2]) for row in rows}


def iterate(
    sync_type: SyncType,
    organization_id: str,
    field_names: tuple[str, ...],
    after_id: str | None = None,
    limit: int = 500,
) -> list[Entry]:
    """The next records by id, deleted ones too. Go on with the last id; fewer than `limit` end the list."""
    after = " AND t.id > %s" if after_id else ""
    sql = f"{_select(sync_type, field_names)}{after} ORDER BY t.id LIMIT %s"
    shape = _shape(sync_type, field_names)
    rows = _rows(sql, [organization_id, *([after_id] if after_id else []), limit])
    return [Entry(row[0], shape(row[3:]), row[1], row[2]) for row in rows]


def find_by(sync_type: SyncType, organization_id: str, field: str, values: Iterable[Any]) -> dict[Any, list[str]]:
    """Ids of living records that hold one of `values` in `field`, by value (text in lower case); text is
    compared without regard to case. Values that nobody holds are left out."""
    wanted = {_match_key(value): value for value in values if value not in (None, "")}
    found: dict[Any, list[str]] = {}
    if not wanted:
        return found
    texts = [str(value) for value in wanted.values()]
    keys = list(wanted)
    for position, record_id in _rows(_find_sql(sync_type, field), [texts, organization_id]):
        found.setdefault(keys[position - 1], []).append(record_id)
    return found


def _match_key(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@lru_cache(maxsize=256)
def _find_sql(sync_type: SyncType, name: str) -> str:
    field = sync_type.field(name)
    held, wanted = f't."{field.column}"', f"wanted.value::{sql_type(field)}"
    if field.kind in (Kind.TEXT, Kind.CHOICE):
        held, wanted = f"lower({held})", f"lower({wanted})"
    return (
        "SELECT wanted.position, t.id::text FROM unnest(%s::text[]) WITH ORDINALITY AS wanted(value, position)"
        f' JOIN "{sync_type.table}" t ON {held} = {wanted}'
        " WHERE t.organization_id = %s AND t.deleted_at IS NULL ORDER BY t.id"
    )


@lru_cache(maxsize=256)
def _select(sync_type: SyncType, field_names: tuple[str, ...]) -> str:
    fields = _fields(sync_type, field_names)
    columns = "".join(f", {read_sql(field, 't')}" for field in fields)
    return (
        f"SELECT t.id::text, t.updated_at, t.deleted_at IS NOT NULL{columns}"
        f' FROM "{sync_type.table}" t WHERE t.organization_id = %s'
    )


def _fields(sync_type: SyncType, field_names: Sequence[str]) -> list[SyncField]:
    return [sync_type.field(name) for name in field_names]


@lru_cache(maxsize=256)
def _shape(sync_type: SyncType, field_names: tuple[str, ...]) -> Callable[[Values], Values]:
    """Turns a row as PostgreSQL gives it into plain values: JSON comes as text."""
    at = [index for index, field in enumerate(_fields(sync_type, field_names)) if field.kind is Kind.JSON]
    if not at:
        return tuple

    def shape(row: Values) -> Values:
        values = list(row)
        for index in at:
            values[index] = from_json_text(values[index])
        return tuple(values)

    return shape


def _rows(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
