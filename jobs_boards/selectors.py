"""Reads of jobs and boards that several surfaces share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from records.models import Organization

from .columns import Spec
from .models import Board, BoardColumn, Item, JobStatus

ACTIVE_JOBS = "Active Jobs"
"""R0's board."""


def columns_of(board_id: UUID | str) -> list[Spec]:
    """The columns of a board in their order."""
    found = BoardColumn.objects.filter(board=board_id).order_by("position", "id")
    return [column.spec for column in found]


def values_of(item: Item, specs: Iterable[Spec]) -> dict[str, Any]:
    """R0's `column_values`: every value by column key, wherever it stands; None where it is empty. What stands
    under a key that is no column any more is left out."""
    return {spec.key: _plain(getattr(item, spec.field)) if spec.field else item.column_values.get(spec.key)
            for spec in specs}  # fmt: skip


def _plain(value: Any) -> Any:
    return None if value in (None, "") else value if isinstance(value, str) else str(value)


def split(specs: Iterable[Spec], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by column key -> (values of the item's own fields by attribute, the rest by column key). Raises
    KeyError with a sentence for a key that is no column."""
    by_key = {spec.key: spec for spec in specs}
    own: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, value in values.items():
        if key not in by_key:
            raise KeyError(f"This board has no column '{key}'. It has: {', '.join(by_key) or 'none yet'}.")
        spec = by_key[key]
        (own if spec.field else rest)[spec.field or key] = value
    return own, rest


def board_named(organization: Organization | UUID | str, name_or_id: str) -> Board | None:
    """A board by id, or by name (the oldest one of that name)."""
    mine = Board.objects.filter(organization=organization)
    try:
        return mine.filter(pk=UUID(name_or_id)).first()
    except ValueError:
        return mine.filter(name__iexact=name_or_id).order_by("id").first()


def statuses_of(organization: Organization | UUID | str) -> list[JobStatus]:
    """The states of jobs in their order."""
    return list(JobStatus.objects.filter(organization=organization).order_by("position", "id"))
