"""Writes of many records at once: set-based SQL, no model instances. Called through `services`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Field

from . import copying, outbox, selectors, watching
from .catalog import Kind, SyncField, SyncType
from .models.local_change import LocalChange
from .origins import Origin
from .references import check_circles, check_references
from .values import default_of, sql_type

Values = tuple[Any, ...]


@dataclass(frozen=True)
class _InsertPlan:
    fields: tuple[SyncField, ...]
    columns: tuple[str, ...]
    constants: tuple[str | None, ...]


@lru_cache(maxsize=256)
def _insert_plan(sync_type: SyncType, field_names: tuple[str, ...]) -> _InsertPlan:
    """Columns of a COPY: id, the given fields, then columns that nobody gives and that have a default."""
    fields = tuple(sync_type.field(name) for name in field_names)
    given = {"id", "organization_id", "created_at", "updated_at", "last_external_sync_at"}
    given |= {field.column for field in fields}
    rest = [each for each in sync_type.model._meta.concrete_fields if each.column not in given and not each.null]
    columns = ["id", *(field.column for field in fields), *(str(each.column) for each in rest)]
    constants = tuple(_default_text(sync_type, each) for each in rest)
    return _InsertPlan(
        fields, (*columns, "organization_id", "created_at", "updated_at", "last_external_sync_at"), constants
    )


def _default_text(sync_type: SyncType, model_field: Field[Any, Any]) -> str | None:
    for field in sync_type.fields:
        if field.column == model_field.column:
            return copying.as_text(field.kind, [default_of(sync_type, field)])[0]
    default = model_field.get_default()
    return copying.array_literal(default) if isinstance(default, list) else str(default)


def bulk_create(
    sync_type: SyncType,
    organization_id: str,
    field_names: tuple[str, ...],
    rows: Sequence[tuple[str, Values]],
    *,
    origin: Origin,
    now: datetime,
    announce: bool = True,
) -> None:
    """Writes new records, `rows` being (id, values in the order of `field_names`), with COPY.

    Values are trusted to have passed `validation.validator`. Fields that are not named get their default.
    Raises InvalidValues on a reference to a record that the organization does not have.
    """
    if not rows:
        return
    plan = _insert_plan(sync_type, field_names)
    constants = (*plan.constants, organization_id, *_stamps(origin, now))
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        chunks = (_create_lines(plan.fields, chunk, constants) for chunk in copying.chunked(rows))
        copying.copy_rows(cursor, sync_type.table, plan.columns, chunks)
        for index, field in enumerate(plan.fields):
            if field.kind is Kind.REFERENCE:
                check_references(cursor, field, organization_id, (values[index] for _, values in rows))
        if announce:
            ids = [record_id for record_id, _ in rows]
            outbox.record_bulk(
                cursor, sync_type, organization_id, ids, LocalChange.Action.CREATE, origin=origin, now=now
            )


def _stamps(origin: Origin, now: datetime) -> tuple[str, str, str | None]:
    """created_at, updated_at, last_external_sync_at"""
    stamp = now.isoformat()
    return stamp, stamp, stamp if origin.kind == "integration" else None


def _create_lines(
    fields: Sequence[SyncField], rows: Sequence[tuple[str, Values]], constants: Sequence[str | None]
) -> str:
    ids, values = zip(*rows, strict=True)
    given = zip(*values, strict=True)
    columns = [
        copying.escaped(copying.as_text(field.kind, column)) for field, column in zip(fields, given, strict=True)
    ]
    return copying.lines([ids, *columns], constants)


def bulk_update(
    sync_type: SyncType,
    organization_id: str,
    changes: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    origin: Origin,
    now: datetime,
    announce: bool = True,
) -> set[str]:
    """Writes changed fields, `changes` being (id, plain values by field name). Rows that hold these values
    already are left alone. Returns the ids of the rows that were written."""
    written: set[str] = set()
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for names, group in _by_fields(changes).items():
            fields = [sync_type.field(name) for name in names]
            canonical = tuple(field.name for field in fields)
            watched = announce and watching.watched(organization_id, sync_type.key)
            before = _before(sync_type, organization_id, canonical, group) if watched else {}
            ids = _update(cursor, sync_type, organization_id, fields, group, origin, now)
            written.update(ids)
            if announce:
                outbox.record_bulk(
                    cursor, sync_type, organization_id, ids, LocalChange.Action.UPDATE,
                    origin=origin, now=now, fields=canonical, watched=watched,
                    details=_details(canonical, names, before, group) if watched else None,
                )  # fmt: skip
    return written


def _before(
    sync_type: SyncType,
    organization_id: str,
    fields: tuple[str, ...],
    group: Sequence[tuple[str, Mapping[str, Any]]],
) -> dict[str, selectors.Snapshot]:
    """The records as they are, locked until the transaction ends: for those who watch what becomes of them."""
    return selectors.read(sync_type, organization_id, [record_id for record_id, _ in group], fields, lock=True)


def _details(
    fields: Sequence[str],
    names: Sequence[str],
    before: Mapping[str, selectors.Snapshot],
    group: Sequence[tuple[str, Mapping[str, Any]]],
) -> dict[str, dict[str, Any]]:
    """By record id: the plain values that differ, before and after."""
    found: dict[str, dict[str, Any]] = {}
    for record_id, values in group:
        if (snapshot := before.get(record_id)) is None:
            continue
        old = dict(zip(fields, snapshot.values, strict=True))
        new = {field: values[name] for field, name in zip(fields, names, strict=True)}
        differing = [field for field in fields if old[field] != new[field]]
        found[record_id] = {
            "before": {field: old[field] for field in differing},
            "after": {field: new[field] for field in differing},
        }
    return found


def _by_fields(
    changes: Iterable[tuple[str, Mapping[str, Any]]],
) -> dict[tuple[str, ...], list[tuple[str, Mapping[str, Any]]]]:
    groups: dict[tuple[str, ...], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for change in changes:
        if change[1]:
            groups[tuple(sorted(change[1]))].append(change)
    return groups


def _update(
    cursor: Any,
    sync_type: SyncType,
    organization_id: str,
    fields: Sequence[SyncField],
    group: Sequence[tuple[str, Mapping[str, Any]]],
    origin: Origin,
    now: datetime,
) -> list[str]:
    names = sorted(group[0][1])
    columns = [[values[name] for _, values in group] for name in names]
    texts = [copying.as_text(field.kind, column) for field, column in zip(fields, columns, strict=True)]
    synced_at = _stamps(origin, now)[2]
    ids = [record_id for record_id, _ in group]
    cursor.execute(
        _update_sql(sync_type, tuple(field.name for field in fields)), [now, synced_at, ids, *texts, organization_id]
    )
    written = [row[0] for row in cursor.fetchall()]
    for field, column in zip(fields, columns, strict=True):
        if field.kind is Kind.REFERENCE:
            check_references(cursor, field, organization_id, column)
            check_circles(cursor, sync_type, field, organization_id, dict(zip(ids, column, strict=True)))
    return written


@lru_cache(maxsize=1024)
def _update_sql(sync_type: SyncType, field_names: tuple[str, ...]) -> str:
    fields = [sync_type.field(name) for name in field_names]
    news = [f"new.v{index}::{sql_type(field)}" for index, field in enumerate(fields)]
    assigned = ", ".join(f'"{field.column}" = {new}' for field, new in zip(fields, news, strict=True))
    olds = ", ".join(f't."{field.column}"' for field in fields)
    arrays = ", ".join("%s::text[]" for _ in fields)
    names = ", ".join(f"v{index}" for index in range(len(fields)))
    return (
        f'UPDATE "{sync_type.table}" t SET {assigned}, "updated_at" = %s,'
        ' "last_external_sync_at" = coalesce(%s::timestamptz, t."last_external_sync_at")'
        f" FROM unnest(%s::uuid[], {arrays}) AS new(id, {names})"
        f" WHERE t.id = new.id AND t.organization_id = %s AND ({olds}) IS DISTINCT FROM ({', '.join(news)})"
        " RETURNING t.id::text"
    )


def bulk_delete(
    sync_type: SyncType, organization_id: str, ids: Sequence[str], *, origin: Origin, now: datetime
) -> set[str]:
    """Soft deletion. Returns the ids of the records that were alive."""
    return _mark(sync_type, organization_id, ids, LocalChange.Action.DELETE, origin, now)


def bulk_restore(
    sync_type: SyncType, organization_id: str, ids: Sequence[str], *, origin: Origin, now: datetime
) -> set[str]:
    """Undoes soft deletion. Returns the ids of the records that were deleted."""
    return _mark(sync_type, organization_id, ids, LocalChange.Action.RESTORE, origin, now)


def _mark(
    sync_type: SyncType,
    organization_id: str,
    ids: Sequence[str],
    action: LocalChange.Action,
    origin: Origin,
    now: datetime,
) -> set[str]:
    deleting = action is LocalChange.Action.DELETE
    sql = (
        f'UPDATE "{sync_type.table}" SET deleted_at = %s, updated_at = %s,'
        " last_external_sync_at = coalesce(%s::timestamptz, last_external_sync_at)"
        " WHERE organization_id = %s AND id = ANY(%s::uuid[])"
        f" AND deleted_at IS {'NULL' if deleting else 'NOT NULL'} RETURNING id::text"
    )
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        synced_at = _stamps(origin, now)[2]
        cursor.execute(sql, [now if deleting else None, now, synced_at, organization_id, list(ids)])
        marked = [row[0] for row in cursor.fetchall()]
        outbox.record_bulk(cursor, sync_type, organization_id, marked, action, origin=origin, now=now)
    return set(marked)


def bulk_touch(sync_type: SyncType, organization_id: str, ids: Sequence[str], *, now: datetime) -> None:
    """Notes that records were synced outward; neither `updated_at` nor the outbox moves."""
    sql = (
        f'UPDATE "{sync_type.table}" SET last_external_sync_at = %s WHERE organization_id = %s AND id = ANY(%s::uuid[])'
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, organization_id, list(ids)])
