"""Starter mappings of Asana, as data. `externalToInternal` of tasks is R1's example."""

from __future__ import annotations

from typing import Any

_MEMBER = {"type": "lookup", "resourceType": "MEMBER", "lookupField": "externalId"}

STARTER: dict[str, dict[str, Any]] = {
    "task": {
        "resourceType": "TASK",
        # `completed` knows two states, ours six: the per-side base keeps what it cannot say.
        "acknowledgedLosses": ["status"],
        "externalToInternal": [
            {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
            {"externalField": "name", "internalField": "title", "transform": "string", "required": True},
            {"externalField": "notes", "internalField": "description", "transform": "string"},
            {
                "externalField": "completed",
                "internalField": "status",
                "transform": {"type": "enum", "mapping": {"true": "COMPLETED", "false": "IN_PROGRESS"}},
            },
            {"externalField": "due_on", "internalField": "dueDate", "transform": "date"},
            {"externalField": "assignee.gid", "internalField": "assignedToId", "transform": _MEMBER},
        ],
        "internalToExternal": [
            {"internalField": "title", "externalField": "name", "transform": "string", "required": True},
            {"internalField": "description", "externalField": "notes", "transform": "string"},
            {
                "internalField": "status",
                "externalField": "completed",
                "transform": {"type": "enum", "mapping": {"COMPLETED": True}, "default": False},
            },
            {"internalField": "dueDate", "externalField": "due_on", "transform": "date"},
            {"internalField": "assignedToId", "externalField": "assignee.gid", "transform": _MEMBER},
        ],
    },
    "member": {
        "resourceType": "MEMBER",
        "matchKeys": ["email"],
        "externalToInternal": [
            {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
            {"externalField": "name", "internalField": "name", "transform": "string", "required": True},
            {"externalField": "email", "internalField": "email", "transform": "string"},
        ],
    },
    # Board items as tasks of the project; the board that they are on is chosen with the integration.
    "item": {
        "resourceType": "ITEM",
        "externalResource": "task",
        # `completed` knows two states, a board many: the per-side base keeps what it cannot say.
        "acknowledgedLosses": ["status"],
        "externalToInternal": [
            {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
            {"externalField": "name", "internalField": "name", "transform": "string", "required": True},
            {
                "externalField": "completed",
                "internalField": "status",
                "transform": {"type": "enum", "mapping": {"true": "Closed Job", "false": "In Production"}},
            },
            {"externalField": "due_on", "internalField": "date", "transform": "date"},
            {"externalField": "assignee.gid", "internalField": "personId", "transform": _MEMBER},
        ],
        "internalToExternal": [
            {"internalField": "name", "externalField": "name", "transform": "string", "required": True},
            {
                "internalField": "status",
                "externalField": "completed",
                "transform": {"type": "enum", "mapping": {"Closed Job": True}, "default": False},
            },
            {"internalField": "date", "externalField": "due_on", "transform": "date"},
            {"internalField": "personId", "externalField": "assignee.gid", "transform": _MEMBER},
        ],
    },
}
