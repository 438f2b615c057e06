"""What is kept of people's doings with boards and the states of jobs. Jobs and items are records: they have the log."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from jobs_boards.models import Board, BoardColumn, BoardGroup, JobStatus
from records import audit

Values = dict[str, Any]


def _verb(before: Values | None, after: Values) -> str:
    """A delete is soft: the row stays and is marked."""
    if before is None or (before["deleted_at"] is None) == (after["deleted_at"] is None):
        return audit.made_or_changed(before, after)
    return "restored" if after["deleted_at"] is None else "deleted"


def _watch(model: type[Model], noun: str, *fields: str) -> None:
    audit.watch(model, noun, (*fields, "deleted_at"), organization=lambda row: row.organization_id, verb=_verb)


_watch(Board, "board", "name", "description")
_watch(BoardGroup, "board_group", "board_id", "name", "position")
_watch(BoardColumn, "board_column", "board_id", "key", "title", "kind", "settings", "position", "main")
_watch(JobStatus, "job_status", "name", "position", "color", "is_closed")
