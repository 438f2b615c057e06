"""The outbox: every change of a catalogued record leaves a `LocalChange` in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from . import catalog, changes, copying
from .catalog import SyncType
from .models.local_change import LocalChange
from .origins import Origin, current_origin
from .signals import local_change_written

if TYPE_CHECKING:
    from .models.synced_record import SyncedRecord

_COLUMNS = (
    "record_id", "organization_id", "resource_type", "action", "fields",
    "origin_kind", "origin_id", "actor", "created_at",
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
    )
    announce(str(record.organization_id), sync_type.key)


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
) -> None:
    """Notes one action on many records of a type, with COPY."""
    if not ids:
        return
    constants = (
        organization_id,
        sync_type.key,
        action.value,
        None if fields is None else copying.array_literal(fields),
        origin.kind,
        origin.id,
        origin.actor,
        now.isoformat(),
    )
    chunks = (copying.lines([chunk], constants) for chunk in copying.chunked(ids))
    copying.copy_rows(cursor, LocalChange._meta.db_table, _COLUMNS, chunks)
    announce(organization_id, sync_type.key)


@dataclass(eq=False)
class _Announcement:
    """Waits for the commit and tells who changed. One for all changes of a transaction."""

    changed: dict[str, set[str]] = field(default_factory=dict)

    def __call__(self) -> None:
        for organization_id, keys in self.changed.items():
            local_change_written.send(
                sender=LocalChange, organization_id=organization_id, resource_types=frozenset(keys)
            )


def announce(organization_id: str, key: str) -> None:
    """Sends `local_change_written` when the transaction commits, once for all that it changed."""
    announcement = _waiting()
    if announcement is None:
        announcement = _Announcement()
        announcement.changed[organization_id] = {key}
        transaction.on_commit(announcement)
    else:
        announcement.changed.setdefault(organization_id, set()).add(key)


def _waiting() -> _Announcement | None:
    """The announcement of this transaction that survives at least as long as what is written now: a
    rollback to a savepoint takes with it those that were made inside."""
    open_savepoints = set(connection.savepoint_ids)
    for savepoints, function, *_ in connection.run_on_commit:
        if isinstance(function, _Announcement) and savepoints <= open_savepoints:
            return function
    return None
