"""Twelve mapped fields of an Asana task, as data."""

from __future__ import annotations

from typing import Any

_PULLED: tuple[tuple[str, str, Any], ...] = (
    ("name", "title", "string"),
    ("notes", "description", "string"),
    ("completed", "status", {"type": "enum", "mapping": {"true": "COMPLETED", "false": "IN_PROGRESS"}}),
    (
        "custom_fields[0].display_value",
        "priority",
        {"type": "enum", "mapping": {"High": "HIGH", "Medium": "MEDIUM", "Low": "LOW"}, "default": "MEDIUM"},
    ),
    ("start_on", "startDate", "date"),
    ("due_on", "dueDate", "date"),
    ("due_at", "dueAt", "datetime"),
    ("completed_at", "completedAt", "datetime"),
    ("memberships[0].project.name", "project", "string"),
    ("memberships[0].section.name", "section", "string"),
    ("permalink_url", "externalMetadata", "json"),
)

TASK: dict[str, Any] = {
    "resourceType": "TASK",
    "externalToInternal": [
        {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
        *({"externalField": path, "internalField": name, "transform": how} for path, name, how in _PULLED),
    ],
    # Three of them can be written, so that `bench_dirty` has something to push.
    "internalToExternal": [
        {"internalField": "title", "externalField": "name", "transform": "string", "required": True},
        {"internalField": "description", "externalField": "notes", "transform": "string"},
        {"internalField": "dueDate", "externalField": "due_on", "transform": "date"},
    ],
}
