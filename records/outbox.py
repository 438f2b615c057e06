"""The outbox: every change of a catalogued record leaves a `LocalChange` in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from . import catalog, changes, copying, watching
from .catalog import Kind, SyncType
from .models.local_change import LocalChange
from .origins import Origin, current_origin
from .signals import local_change_written

if TYPE_CHECKING:
    from .models.synced_record import SyncedRecord

_COLUMNS = (
    "record_id", "organization_id", "resource_type", "action", "fields",
    "origin_kind", "origin_id", "actor", "created_at", "watched",
)  # fmt: skip


def record_save(record: SyncedRecord, created: bool) -> None:
    """Notes what a save of an instance changed; nothing if no synced field did."""
    sync_type = catalog.of_model(type(record))
    if sync_type is None:
        return
    action, fields = _created(sync_type) if created else _changed(record, sync_type)
    if action is None:
        return
    origin = current_origin.get()
    watched = watching.watched(str(record.organization_id), sync_type.key)
    LocalChange.objects.create(
        organization_id=record.organization_id,
        resource_type=sync_type.key,
        record_id=record.pk,
        action=action,
        fields=fields,
        origin_kind=origin.kind,
        origin_id=origin.id,
        actor=origin.actor,
        created_at=record.updated_at,
        watched=watched,
        details=changes.before_and_after(record, sync_type, fields) if watched and fields else None,
    )
    announce(str(record.organization_id), sync_type.key, watched=watched)


_Note = tuple[LocalChange.Action | None, list[str] | None]


def _created(sync_type: SyncType) -> _Note:
    return LocalChange.Action.CREATE, None


def _changed(record: SyncedRecord, sync_type: SyncType) -> _Note:
    was_deleted, is_deleted = record._loaded.get("deleted_at") is not None, record.deleted_at is not None
    if was_deleted != is_deleted:
        return (LocalChange.Action.DELETE if is_deleted else LocalChange.Action.RESTORE), None
    if record.external_sync_enabled and not record._loaded.get("external_sync_enabled", True):
        return LocalChange.Action.UPDATE, None  # switched on again: every field is to be looked at
    fields = changes.changed_fields(record, sync_type)
    return (LocalChange.Action.UPDATE, list(fields)) if fields else (None, None)


def record_bulk(
    cursor: Any,
    sync_type: SyncType,
    organization_id: str,
    ids: Sequence[str],
    action: LocalChange.Action,
    *,
    origin: Origin,
    now: datetime,
    fields: Sequence[str] | None = None,
    watched: bool | None = None,
    details: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Notes one action on many records of a type, with COPY. `watched` None = ask; `details` by record id."""
    if not ids:
        return
    if watched is None:
        watched = watching.watched(organization_id, sync_type.key)
    constants = (
        organization_id,
        sync_type.key,
        action.value,
        None if fields is None else copying.array_literal(fields),
        origin.kind,
        origin.id,
        origin.actor,
        now.isoformat(),
        "t" if watched else "f",
    )
    if details is None:
        chunks = (copying.lines([chunk], constants) for chunk in copying.chunked(ids))
        copying.copy_rows(cursor, LocalChange._meta.db_table, _COLUMNS, chunks)
    else:
        detailed = (copying.lines([chunk, _texts(chunk, details)], constants) for chunk in copying.chunked(ids))
        copying.copy_rows(cursor, LocalChange._meta.db_table, (_COLUMNS[0], "details", *_COLUMNS[1:]), detailed)
    announce(organization_id, sync_type.key, watched=watched)


def _texts(ids: Sequence[str], details: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return copying.escaped(copying.as_text(Kind.JSON, [details.get(record_id) for record_id in ids]))


@dataclass(eq=False)
class _Announcement:
    """Waits for the commit and tells who changed. One for all changes of a transaction."""

    changed: dict[str, set[str]] = field(default_factory=dict)
    watched: set[str] = field(default_factory=set)

    def __call__(self) -> None:
        for organization_id, keys in self.changed.items():
            local_change_written.send(
                sender=LocalChange,
                organization_id=organization_id,
                resource_types=frozenset(keys),
                watched=organization_id in self.watched,
            )

    def note(self, organization_id: str, key: str, watched: bool) -> None:
        self.changed.setdefault(organization_id, set()).add(key)
        if watched:
            self.watched.add(organization_id)


def announce(organization_id: str, key: str, *, watched: bool = False) -> None:
    """Sends `local_change_written` when the transaction commits, once for all that it changed."""
    announcement = _waiting()
    if announcement is not None:
        announcement.note(organization_id, key, watched)
        return
    announcement = _Announcement()
    announcement.note(organization_id, key, watched)
    transaction.on_commit(announcement)


def _waiting() -> _Announcement | None:
    """The announcement of this transaction that survives at least as long as what is written now: a
    rollback to a savepoint takes with it those that were made inside."""
    open_savepoints = set(connection.savepoint_ids)
    for savepoints, function, *_ in connection.run_on_commit:
        if isinstance(function, _Announcement) and savepoints <= open_savepoints:
            return function
    return None
