"""Before and after, field by field. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EMPTY = "∅"
"""No value; an empty cell would look like a fault."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field. `before` and `after` are texts; None where the field was not there at all."""

    field: str
    before: str | None
    after: str | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Every field of either side, what changed first. A field that came empty with a new record is left out."""
    old, new = before or {}, after or {}
    found = [Change(name, written(old, name), written(new, name)) for name in dict.fromkeys([*old, *new])]
    told = [one for one in found if (one.before, one.after) not in ((None, EMPTY), (EMPTY, None))]
    return sorted(told, key=lambda one: not one.changed)


def written(values: Mapping[str, Any], name: str) -> str | None:
    return text(values[name]) if name in values else None


def text(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)
