"""What changed from one version of a mapping to the next, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from console.mappings.rows import IN, OUT

LISTS = {IN: "→", OUT: "←"}


@dataclass(frozen=True)
class Change:
    """`before` or `after` is empty where a rule came or went."""

    name: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Rules and settings of the document that differ."""
    old, new = _parts(before), _parts(after)
    return [
        Change(name, old.get(name, ""), new.get(name, "")) for name in {**old, **new} if old.get(name) != new.get(name)
    ]


def _parts(document: Mapping[str, Any]) -> dict[str, str]:
    found = {
        f"{rule.get('externalField', '')} {arrow} {rule.get('internalField', '')}": _text(rule)
        for name, arrow in LISTS.items()
        for rule in document.get(name) or ()
    }
    return found | {name: _text(value) for name, value in document.items() if name not in LISTS}


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = {key: inner for key, inner in value.items() if key not in ("externalField", "internalField")}
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
