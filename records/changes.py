"""What changed on an instance since it was loaded."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Field
from django.utils import timezone

from .catalog import SyncType
from .values import to_plain

if TYPE_CHECKING:
    from .models import SyncedRecord

_MISSING = object()


def state(record: SyncedRecord, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Column values by attribute name, as loaded; deferred columns are absent. Lists and JSON are copied,
    since they can be changed in place."""
    held = record.__dict__
    wanted = None if names is None else set(names)
    return {
        field.attname: _frozen(held[field.attname])
        for field in record._meta.concrete_fields
        if field.attname in held and (wanted is None or not wanted.isdisjoint((field.name, field.attname)))
    }


def _frozen(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, list | dict) else value


def changed_columns(record: SyncedRecord) -> set[str]:
    """Attribute names whose value differs from the loaded one."""
    loaded, held = record._loaded, record.__dict__
    return {
        field.attname
        for field in record._meta.concrete_fields
        if field.attname in held and _differs(field, held[field.attname], loaded.get(field.attname, _MISSING))
    }


def _differs(field: Field[Any, Any], value: Any, loaded: Any) -> bool:
    if loaded is _MISSING or hasattr(value, "resolve_expression"):
        return True
    return bool(field.to_python(value) != loaded)


def columns_to_write(record: SyncedRecord, asked: Iterable[str] | None, now: datetime | None = None) -> list[str]:
    """The changed columns among those asked for (None = all), with `updated_at` moved on; empty if a save
    has nothing to do."""
    changed = changed_columns(record)
    if asked is not None:
        changed &= _attnames(record, asked)
    if changed <= {"last_external_sync_at"}:
        return sorted(changed)
    if "updated_at" not in changed:
        record.updated_at = now or timezone.now()
    return sorted(changed | {"updated_at"})


def _attnames(record: SyncedRecord, names: Iterable[str]) -> set[str]:
    return {record._meta.get_field(name).attname for name in names}  # type: ignore[union-attr]


def changed_fields(record: SyncedRecord, sync_type: SyncType) -> tuple[str, ...]:
    """Canonical names of the synced fields whose plain value differs from the loaded one."""
    columns = changed_columns(record)
    return tuple(field.name for field in sync_type.fields if _plain_differs(record, sync_type, field.name, columns))


def _plain_differs(record: SyncedRecord, sync_type: SyncType, name: str, columns: set[str]) -> bool:
    field = sync_type.field(name)
    model_field = sync_type.model_field(field)
    attname = model_field.attname
    if attname not in columns:
        return False
    value, loaded = getattr(record, attname), record._loaded.get(attname, _MISSING)
    if loaded is _MISSING or hasattr(value, "resolve_expression"):
        return True
    return to_plain(field, model_field.to_python(value)) != to_plain(field, loaded)


def before_and_after(record: SyncedRecord, sync_type: SyncType, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Plain values of the named fields, as loaded and as they are now. What was never loaded is left out of
    `before`; what the database computes is left out of `after`."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in names:
        field = sync_type.field(name)
        model_field = sync_type.model_field(field)
        value, loaded = getattr(record, model_field.attname), record._loaded.get(model_field.attname, _MISSING)
        if loaded is not _MISSING:
            before[name] = to_plain(field, loaded)
        if not hasattr(value, "resolve_expression"):
            after[name] = to_plain(field, model_field.to_python(value))
    return {"before": before, "after": after}
