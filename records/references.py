"""A reference points to a record of the same organization; one to its own kind (a task's parent) makes no circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import catalog
from .catalog import Kind, SyncField, SyncType
from .validation import InvalidValues


def check_references(cursor: Any, field: SyncField, organization_id: str, values: Iterable[str | None]) -> None:
    """Raises InvalidValues naming the ids that the organization does not have. A soft-deleted record counts."""
    if missing := _missing(cursor, field, organization_id, values):
        raise InvalidValues([_nowhere(field, ", ".join(sorted(missing)))])


def problems_of(
    cursor: Any, sync_type: SyncType, organization_id: str, changes: Sequence[tuple[str, Mapping[str, Any]]]
) -> dict[str, str]:
    """Id -> sentence for those of `changes` (id, plain values by field name) whose references cannot stand."""
    found: dict[str, str] = {}
    for name in sorted({name for _, values in changes for name in values}):
        field = sync_type.field(name)
        if field.kind is not Kind.REFERENCE:
            continue
        given = {record_id: values[name] for record_id, values in changes if values.get(name)}
        missing = _missing(cursor, field, organization_id, given.values())
        found |= {record_id: _nowhere(field, value) for record_id, value in given.items() if value in missing}
        if field.reference == sync_type.key:
            all_given = {record_id: values[name] for record_id, values in changes if name in values}
            circles = in_circles(cursor, sync_type, field, organization_id, all_given)
            found |= dict.fromkeys(circles, _circle(field))
    return found


def check_circles(
    cursor: Any, sync_type: SyncType, field: SyncField, organization_id: str, parents: Mapping[str, str | None]
) -> None:
    """Raises InvalidValues where a record would stand below itself. `parents` = id -> the new value."""
    if field.reference == sync_type.key and in_circles(cursor, sync_type, field, organization_id, parents):
        raise InvalidValues([_circle(field)])


def in_circles(
    cursor: Any, sync_type: SyncType, field: SyncField, organization_id: str, parents: Mapping[str, str | None]
) -> set[str]:
    """Those of the changed records that would stand below themselves. The chains above them are locked, so that two
    who change a chain at once do not close it together."""
    known: dict[str, str | None] = dict(parents)
    frontier = {parent for parent in parents.values() if parent} - set(known)
    while frontier:
        cursor.execute(
            f'SELECT id::text, "{field.column}"::text FROM "{sync_type.table}" WHERE organization_id = %s '
            "AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE",
            [organization_id, sorted(frontier)],
        )
        known |= {**dict.fromkeys(frontier), **dict(cursor.fetchall())}
        frontier = {parent for one in frontier if (parent := known[one])} - set(known)
    return {record_id for record_id in parents if _returns(record_id, known)}


def _returns(record_id: str, known: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    at = known.get(record_id)
    while at is not None and at != record_id and at not in seen:
        seen.add(at)
        at = known.get(at)
    return at == record_id


def _missing(cursor: Any, field: SyncField, organization_id: str, values: Iterable[str | None]) -> set[str]:
    wanted = {value for value in values if value}
    if not wanted or field.reference is None:
        return set()
    target = catalog.get(field.reference)
    cursor.execute(
        f'SELECT id::text FROM "{target.table}" WHERE organization_id = %s AND id = ANY(%s::uuid[])',
        [organization_id, list(wanted)],
    )
    return wanted - {row[0] for row in cursor.fetchall()}


def _nowhere(field: SyncField, ids: str) -> str:
    assert field.reference is not None
    return f"{field.name} points to {ids}: there is no such {catalog.get(field.reference).label.lower()}."


def _circle(field: SyncField) -> str:
    return f"{field.name} would put the record below itself; choose a record that does not hang on it."
