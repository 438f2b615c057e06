"""Tasks of about 1 KB as Asana would send them, the same ones every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_GID = 1_200_000_000_000_000
PROJECT = {"gid": "1100", "resource_type": "project", "name": "Spring refit"}
_SECTIONS = ("Backlog", "This week", "In progress", "Review", "Done")
_WORDS = "check the port side fittings before the crane is booked and note what the yard must order again "


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def task(index: int, **changes: Any) -> dict[str, Any]:
    """Task number `index`; each was modified ten seconds after the one before."""
    modified = START + timedelta(seconds=10 * index)
    day = f"2026-{index % 12 + 1:02d}-{index % 28 + 1:02d}"
    done = index % 3 == 0
    return {
        "gid": str(FIRST_GID + index),
        "resource_type": "task",
        "resource_subtype": "default_task",
        "name": f"Task {index}: fit out berth {index % 97}",
        "notes": f"{index} {_WORDS}{_WORDS}{_WORDS}"[: 220 + index % 80],
        "completed": done,
        "completed_at": stamp(modified) if done else None,
        "created_at": stamp(START),
        "modified_at": stamp(modified),
        "due_on": day,
        "due_at": f"{day}T16:30:00.000Z" if index % 4 == 0 else None,
        "start_on": None if index % 5 else day,
        "start_at": None,
        "assignee": {"gid": str(900 + index % 40), "name": f"Person {index % 40}"},
        "memberships": [{"project": PROJECT, "section": {"gid": str(index % 5), "name": _SECTIONS[index % 5]}}],
        "tags": [],
        "parent": None,
        "custom_fields": [
            {"gid": "77", "name": "Priority", "type": "enum", "display_value": ("High", "Medium", "Low")[index % 3]}
        ],
        "permalink_url": f"https://app.asana.com/0/1100/{FIRST_GID + index}",
        **changes,
    }


def index_of(gid: str) -> int:
    return int(gid) - FIRST_GID
