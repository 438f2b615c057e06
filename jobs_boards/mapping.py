"""The starter mapping of jobs to the items of a board (R0), as data. A board with other columns has its own mapping."""

from __future__ import annotations

from typing import Any

TWO_WAY: tuple[tuple[str, str, Any], ...] = (
    ("name", "title", "string"),
    ("column_values.status", "status", "string"),
    ("column_values.lead", "leadTechnicianId", "string"),
    ("column_values.start", "scheduledStart", "datetime"),
    ("column_values.end", "scheduledEnd", "datetime"),
    ("column_values.address", "addressLine1", "string"),
    ("column_values.number", "number", "string"),
)
OUTWARD: tuple[tuple[str, str, Any], ...] = (
    ("column_values.job", "id", "string"),
    ("column_values.created", "createdAt", "datetime"),
)


def _rules(rows: tuple[tuple[str, str, Any], ...]) -> list[dict[str, Any]]:
    return [
        {"externalField": external, "internalField": internal, "transform": transform}
        for external, internal, transform in rows
    ]


STARTER: dict[str, dict[str, Any]] = {
    "job": {
        "resourceType": "JOB",
        "externalToInternal": _rules((("id", "externalId", "string"), *TWO_WAY)),
        "internalToExternal": _rules((*TWO_WAY, *OUTWARD)),
    },
}
