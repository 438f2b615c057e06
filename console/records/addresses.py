"""From a record's type and id to its name and its pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import reverse

from records import catalog
from records.catalog import SyncType


@dataclass(frozen=True, slots=True)
class Place:
    """What a record is called, and where its sync is explained."""

    name: str
    address: str


def linked_to_records(wanted: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """By record id; one query per type. Records that are gone, and types nobody knows any more, are left out."""
    by_type: dict[str, set[str]] = {}
    for key, record_id in wanted:
        by_type.setdefault(key, set()).add(record_id)
    found: dict[str, Place] = {}
    for key, ids in by_type.items():
        sync_type = type_or_none(key)
        if sync_type is not None:
            for record in manager_of(sync_type).filter(pk__in=ids).select_related():
                found[str(record.pk)] = Place(str(record), explained(key, record.pk))
    return found


def type_or_none(key: str) -> SyncType | None:
    try:
        return catalog.get(key)
    except KeyError:
        return None


def manager_of(sync_type: SyncType) -> Any:
    """Deleted records too, where the model keeps them."""
    return getattr(sync_type.model, "all_objects", sync_type.model._default_manager)


def explained(key: str, record_id: Any) -> str:
    """The page that says why a record is or is not in sync."""
    return reverse("console:explain", args=[key, record_id])


def edited(sync_type: SyncType, record_id: Any) -> str:
    """The admin's page of the record, "" where its model has none."""
    if sync_type.model not in admin.site._registry:
        return ""
    meta = sync_type.model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record_id])


def explained_of(record: Any) -> str:
    """As `explained`, "" for what is no record that syncs."""
    found = catalog.of_model(type(record))
    return explained(found.key, record.pk) if found else ""
