"""A reference points to a record of the same organization."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import catalog
from .catalog import SyncField
from .validation import InvalidValues


def check_references(cursor: Any, field: SyncField, organization_id: str, values: Iterable[str | None]) -> None:
    """Raises InvalidValues naming the ids that the organization does not have. A soft-deleted record counts."""
    wanted = {value for value in values if value}
    if not wanted or field.reference is None:
        return
    target = catalog.get(field.reference)
    cursor.execute(
        f'SELECT id::text FROM "{target.table}" WHERE organization_id = %s AND id = ANY(%s::uuid[])',
        [organization_id, list(wanted)],
    )
    if missing := sorted(wanted - {row[0] for row in cursor.fetchall()}):
        raise InvalidValues([f"{field.name} points to {', '.join(missing)}: there is no such {target.label.lower()}."])
