"""What a person would call a record: its title or name."""

from __future__ import annotations

from collections.abc import Iterable

from .catalog import Kind, SyncType
from .selectors import read

TITLES = ("title", "name", "jobNumber")
PARTS = ("firstName", "lastName", "company", "email")


def title_fields(sync_type: SyncType) -> tuple[str, ...]:
    """The fields that name a record, the first text field where none of the usual ones is there."""
    known = sync_type.field_names
    for names in (TITLES, PARTS):
        if found := tuple(name for name in names if name in known):
            return found[:1] if names is TITLES else found
    return tuple(one.name for one in sync_type.fields if one.kind is Kind.TEXT)[:1]


def labels(sync_type: SyncType, organization_id: str, ids: Iterable[str]) -> dict[str, str]:
    """Id to label, deleted records included; one that is not there is left out. One statement."""
    names = title_fields(sync_type)
    found = read(sync_type, organization_id, [*dict.fromkeys(ids)], names)
    return {record_id: _joined(one.values) or sync_type.label for record_id, one in found.items()}


def _joined(values: tuple[object, ...]) -> str:
    """Two parts of a name, or the only text there is."""
    parts = [str(value) for value in values if value]
    return " ".join(parts[:2])
