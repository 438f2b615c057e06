"""A starter mapping in words: which field goes where, and which way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.models import IntegrationDraft
from integrations.starters import starter_mappings
from records import catalog

ARROWS = {(True, True): "↔", (True, False): "→", (False, True): "←"}
"""(read from there, written there) to the arrow between a field there and its field here."""


@dataclass(frozen=True)
class Kind:
    """One type of record with its rules, each (there, arrow, here)."""

    label: str
    rules: tuple[tuple[str, str, str], ...]


def rules_of(draft: IntegrationDraft) -> list[Kind]:
    wanted = draft.answers.get("data_types", ())
    found = []
    for key, document in starter_mappings(draft.type.lower()).items():
        kind = catalog.get(key)
        if kind.data_type in wanted:
            found.append(Kind(str(kind.label), tuple(_rules(document))))
    return found


def _rules(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    inward, outward = (
        {(str(one["externalField"]), str(one["internalField"])): True for one in document.get(way, ())}
        for way in ("externalToInternal", "internalToExternal")
    )
    for there, here in inward | outward:
        if here != "externalId":
            yield there, ARROWS[(there, here) in inward, (there, here) in outward], here
