"""Starter mappings for the collections of the `plain` preset, as data. The admin edits the names."""

from __future__ import annotations

from typing import Any

_TEXTS = (
    ("first_name", "firstName"),
    ("last_name", "lastName"),
    ("email", "email"),
    ("phone", "phone"),
    ("company", "company"),
    ("address.street", "addressLine1"),
    ("address.city", "city"),
    ("address.region", "region"),
    ("address.postal_code", "postalCode"),
)
_MEMBER = {"type": "lookup", "resourceType": "MEMBER", "lookupField": "externalId"}
_ID = {"externalField": "id", "internalField": "externalId", "transform": "string", "required": True}


def _both(there: str, here: str, transform: Any = "string", **more: Any) -> dict[str, Any]:
    return {"externalField": there, "internalField": here, "transform": transform, **more}


_CONTACT = [_both(there, here) for there, here in _TEXTS] + [_both("tags", "tags", "tags")]
_TASK = [
    _both("title", "title", required=True),
    _both("description", "description"),
    _both("due_date", "dueDate", "date"),
    _both("assignee", "assignedToId", _MEMBER),
    _both("labels", "labels", "tags"),
]
_STATUS_HERE = {
    "type": "enum",
    "mapping": {"open": "TODO", "in_progress": "IN_PROGRESS", "done": "COMPLETED"},
}
_STATUS_THERE = {
    "type": "enum",
    "mapping": {
        "TODO": "open",
        "IN_PROGRESS": "in_progress",
        "BLOCKED": "in_progress",
        "IN_REVIEW": "in_progress",
        "COMPLETED": "done",
        "CANCELLED": "done",
    },
}

STARTER: dict[str, dict[str, Any]] = {
    "task": {
        "resourceType": "TASK",
        # The API knows three states, ours are six: the per-side base keeps what it cannot say.
        "acknowledgedLosses": ["status"],
        "externalToInternal": [_ID, *_TASK, _both("status", "status", _STATUS_HERE)],
        "internalToExternal": [*_TASK, _both("status", "status", _STATUS_THERE)],
    },
    "contact": {
        "resourceType": "CONTACT",
        "externalToInternal": [_ID, *_CONTACT],
        "internalToExternal": _CONTACT,
    },
}
