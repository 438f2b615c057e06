"""The one door for writes of records, single and bulk, each with an origin.

Values are plain (see `values`), keyed by canonical field names. Every write runs in the caller's
transaction, or in one of its own, and leaves its `LocalChange` there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from . import validation
from .bulk import bulk_create, bulk_delete, bulk_restore, bulk_touch, bulk_update
from .catalog import Kind, SyncType
from .models.synced_record import SyncedRecord
from .origins import Origin, current_origin, writing_as
from .references import check_circles, check_references
from .validation import InvalidValues
from .values import from_plain

__all__ = [
    "InvalidValues",
    "Origin",
    "RecordNotFound",
    "bulk_create",
    "bulk_delete",
    "bulk_restore",
    "bulk_touch",
    "bulk_update",
    "create",
    "current_origin",
    "delete",
    "restore",
    "update",
    "writing_as",
]


class RecordNotFound(LookupError):
    """The organization has no such record."""


def create(
    sync_type: SyncType,
    organization_id: str,
    values: Mapping[str, Any],
    origin: Origin,
    *,
    record_id: str | None = None,
    now: datetime | None = None,
) -> SyncedRecord:
    """Returns the new record. Raises InvalidValues."""
    given = {**sync_type.defaults, **values}
    validation.check_create(sync_type, given)
    now = now or timezone.now()
    record = sync_type.model(organization_id=organization_id, created_at=now, updated_at=now)
    if record_id is not None:
        record.id = sync_type.model._meta.pk.to_python(record_id)
    _write(sync_type, record, given, origin, now)
    return record


def update(
    sync_type: SyncType,
    organization_id: str,
    record_id: str,
    values: Mapping[str, Any],
    origin: Origin,
    *,
    now: datetime | None = None,
) -> SyncedRecord:
    """Returns the record as it is now. Raises InvalidValues, RecordNotFound."""
    validation.check_update(sync_type, values)
    with transaction.atomic():
        record = _locked(sync_type, organization_id, record_id)
        _write(sync_type, record, values, origin, now)
    return record


def delete(
    sync_type: SyncType, organization_id: str, record_id: str, origin: Origin, *, now: datetime | None = None
) -> bool:
    """Soft deletion. False if the organization has no such record alive."""
    return bool(bulk_delete(sync_type, organization_id, [record_id], origin=origin, now=now or timezone.now()))


def restore(
    sync_type: SyncType, organization_id: str, record_id: str, origin: Origin, *, now: datetime | None = None
) -> bool:
    """Undoes a deletion. False if the organization has no such record deleted."""
    return bool(bulk_restore(sync_type, organization_id, [record_id], origin=origin, now=now or timezone.now()))


def _locked(sync_type: SyncType, organization_id: str, record_id: str) -> SyncedRecord:
    found: SyncedRecord | None = (
        sync_type.model.all_objects.select_for_update().filter(organization_id=organization_id, id=record_id).first()
    )
    if found is None:
        raise RecordNotFound(f"There is no {sync_type.label.lower()} {record_id}.")
    return found


def _write(
    sync_type: SyncType, record: SyncedRecord, values: Mapping[str, Any], origin: Origin, now: datetime | None
) -> None:
    for name, plain in values.items():
        field = sync_type.field(name)
        setattr(record, sync_type.model_field(field).attname, from_plain(field, plain))
    if origin.kind == "integration":
        record.mark_synced(now or timezone.now())
    _check_references(sync_type, record, values)
    if sync_type.clean is not None and (problems := sync_type.clean(record, origin)):
        raise InvalidValues(problems)
    with writing_as(origin):
        record.save(now=now)


def _check_references(sync_type: SyncType, record: SyncedRecord, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        for name, plain in values.items():
            field = sync_type.field(name)
            if field.kind is Kind.REFERENCE and plain:
                check_circles(cursor, sync_type, field, str(record.organization_id), {str(record.id): plain})
                check_references(cursor, field, str(record.organization_id), [plain])
