"""Cases as lines of a list: the record by its name, and both values at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from conflicts.models import ConflictResolution
from console.conflicts.shown import Words, words_for
from records import catalog
from records.labels import labels

LINES = 3
"""Fields of a case that a line shows."""


@dataclass(frozen=True)
class Difference:
    """One contested field: ours and theirs as text."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Row:
    """One case. `more` counts the contested fields that are not shown."""

    case: ConflictResolution
    title: str
    type: str
    differences: Sequence[Difference]
    more: int = 0


def rows_of(cases: Iterable[ConflictResolution]) -> list[Row]:
    """In the order of `cases`. One statement per resource type, and one per type that their values refer to."""
    listed = list(cases)
    titles, words = _titles(listed), _words(listed)
    return [_row(case, titles, words[_home(case)]) for case in listed]


Home = tuple[str, UUID]


def _home(case: ConflictResolution) -> Home:
    return case.resource_type, case.integration.organization_id


def _by_home(cases: Iterable[ConflictResolution]) -> dict[Home, list[ConflictResolution]]:
    found: dict[Home, list[ConflictResolution]] = defaultdict(list)
    for case in cases:
        found[_home(case)].append(case)
    return found


def _titles(cases: Iterable[ConflictResolution]) -> dict[str, str]:
    found: dict[str, str] = {}
    for (kind, organization), group in _by_home(cases).items():
        ids = [case.resource_id for case in group if _is_id(case.resource_id)]
        found |= labels(catalog.get(kind), str(organization), ids)
    return found


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _words(cases: Iterable[ConflictResolution]) -> dict[Home, Words]:
    return {
        home: words_for(home[0], str(home[1]), [one for case in group for one in (case.local_data, case.external_data)])
        for home, group in _by_home(cases).items()
    }


def _row(case: ConflictResolution, titles: dict[str, str], words: Words) -> Row:
    fields = case.conflicted_fields if case.kind == ConflictResolution.Kind.FIELDS else []
    shown = [
        Difference(words.label(name), _value(words, name, case.local_data), _value(words, name, case.external_data))
        for name in fields[:LINES]
    ]
    title = titles.get(case.resource_id) or _named(case) or case.external_id or case.resource_id
    return Row(case, title, words.sync_type.label, shown, max(0, len(fields) - LINES))


def _value(words: Words, name: str, data: dict[str, Any]) -> str:
    return words.text(name, data.get(name))


def _named(case: ConflictResolution) -> str:
    """A record that is not here (yet): whatever the case holds of its name."""
    held = {**case.external_data, **case.local_data}
    return next((str(held[name]) for name in ("title", "name", "label") if held.get(name)), "")
