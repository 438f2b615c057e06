"""What people and rules wrote on three sides: at the end every value of a person must be accounted for.

The sides tell one story in three forms: a job's title is its item's name and its task's name; a state is `completed` at
Asana, which knows two of them. `due` is not the job's, `address` and `number` are not the task's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_engine.simulation.ledger import alike

JOB, ITEM, TASK = "job", "item", "task"
NAMES: Mapping[str, Mapping[str, str]] = {
    JOB: {"title": "title", "status": "status", "address": "addressLine1", "number": "number"},
    ITEM: {"title": "name", "status": "status", "address": "address", "number": "number", "due": "date"},
    TASK: {"title": "name", "status": "completed", "due": "due_on"},
}
"""Side -> the story's word -> how the side calls it."""
CLOSED, OPEN = "Closed Job", "In Production"


def common(side: str, word: str, value: Any, other: str) -> Any:
    """A value as it can be compared with one of the `other` side."""
    if word == "status" and TASK in (side, other) and side != TASK:
        return value == CLOSED
    return value


def same(side: str, value: Any, other_side: str, other: Any, word: str) -> bool:
    """Do two sides show the same?"""
    return alike(common(side, word, value, other_side), common(other_side, word, other, side))


@dataclass(frozen=True, slots=True)
class Written:
    """Somebody set `word` of a record to `value`, having seen `seen`. A rule's own values (`by_rule`) may be lost;
    but it saw what it wrote over. `erases` = the record was deleted."""

    side: str
    record: str
    word: str
    seen: Any
    value: Any
    by_rule: bool = False
    erases: bool = False

    def was_seen_by(self, later: Written) -> bool:
        return later.word == self.word and same(later.side, later.seen, self.side, self.value, self.word)


@dataclass(slots=True)
class Ledger:
    """Every write in its order. `births` = records that people made, by side."""

    entries: list[Written] = field(default_factory=list)
    births: dict[str, int] = field(default_factory=lambda: {JOB: 0, ITEM: 0, TASK: 0})

    def wrote(self, side: str, record: str, values: Mapping[str, tuple[Any, Any]], *, by_rule: bool = False) -> None:
        """`values` by word: (seen, written)."""
        for word, (seen, value) in values.items():
            if not alike(seen, value):
                self.entries.append(Written(side, record, word, seen, value, by_rule))

    def erased(self, side: str, record: str, values: Mapping[str, Any]) -> None:
        self.entries += [Written(side, record, word, seen, None, erases=True) for word, seen in values.items()]

    def standing(self, things: Mapping[tuple[str, str], str]) -> Iterable[tuple[str, Written]]:
        """(thing, write) of every value of a person that nobody who saw it wrote over. `things` names the record that
        the sides share. Who takes an edit back leaves what stood before; whoever saw that then wrote it over, too."""
        grouped: dict[tuple[str, str], list[Written]] = {}
        for entry in self.entries:
            thing = things.get((entry.side, entry.record), f"{entry.side} {entry.record}")
            grouped.setdefault((thing, entry.word), []).append(entry)
        for (thing, _), entries in grouped.items():
            for at, entry in enumerate(entries):
                others = entries[at + 1 :] + _elsewhere(entry, entries[:at])
                if not (entry.erases or entry.by_rule or any(entry.was_seen_by(other) for other in others)):
                    yield thing, entry


def _elsewhere(entry: Written, earlier: list[Written]) -> list[Written]:
    """What other sides did before, where the entry goes back to a value that somebody had found at its own side."""
    mine = [one for one in earlier if one.side == entry.side]
    back = any(entry.was_seen_by(one) for one in mine)
    return [one for one in earlier if one.side != entry.side] if back else []
