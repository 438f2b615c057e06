"""Rules that Lockstep ships. Every organization gets them; each can be changed, switched off, or removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations import services
from automations.models import Rule
from jobs_boards.selectors import ACTIVE_JOBS
from records.models import Organization


@dataclass(frozen=True)
class Preset:
    """`key` is unique and stays; the rest is where an organization begins."""

    key: str
    name: str
    description: str
    document: Mapping[str, Any]


def _on_board(trigger: str) -> dict[str, Any]:
    return {
        "trigger": {"type": trigger, "resourceType": "job"},
        "conditions": {},
        "actions": [{"type": "put_on_board", "board": ACTIVE_JOBS}],
    }


PRESETS = (
    Preset(
        "job-created",
        "New jobs onto the board",
        "When a job is created, its item is made on the board “Active Jobs”.",
        _on_board("record.created"),
    ),
    Preset(
        "job-updated",
        "Changed jobs onto the board",
        "When a job is changed, its item on the board “Active Jobs” is brought up to date.",
        _on_board("record.updated"),
    ),
)
"""R0's two rules."""


def install(organization: Organization) -> int:
    """Those that the organization never had. Returns how many."""
    had = set(Rule.objects.filter(organization=organization).exclude(preset="").values_list("preset", flat=True))
    missing = [preset for preset in PRESETS if preset.key not in had]
    for preset in missing:
        services.create_rule(
            organization,
            name=preset.name,
            document=preset.document,
            description=preset.description,
            preset=preset.key,
            max_per_minute=0,
            saved_by="Lockstep",
        )
    return len(missing)
