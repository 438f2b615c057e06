"""What is kept of people's decisions."""

from __future__ import annotations

from typing import Any

from conflicts.models import ConflictResolution, DismissedSuggestion
from records import audit


def _verb(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    """Cases are opened by runs; a case that a person opens again is a new one."""
    if before is None:
        return "reopened" if after["reopens_id"] else ""
    return str(after["status"]).lower() if before["status"] != after["status"] else ""


audit.watch(
    ConflictResolution,
    "conflict",
    ("status", "resolution_strategy", "winners", "resolved_data", "reopens_id"),
    organization=lambda row: row.integration.organization_id,
    verb=_verb,
)
audit.watch(
    DismissedSuggestion,
    "dismissed_suggestion",
    ("resource_type", "field", "when", "strategy", "agreed"),
    organization=lambda row: row.integration.organization_id,
)
