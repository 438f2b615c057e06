"""What people wrote, kept apart from the engine: at the end every value must be accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FIELDS = ("title", "description", "status", "dueDate")
HERE = -1
"""The side of our own records; desks count from 0."""
STATES = {"TODO": "open", "IN_PROGRESS": "in_progress", "BLOCKED": "in_progress", "COMPLETED": "done"}
"""Our statuses as a provider with three states tells them apart; others know only whether a task is done."""


def _grain(status: Any) -> int:
    """How finely the side that holds it tells statuses apart."""
    return 0 if isinstance(status, bool) else 1 if status in STATES.values() else 2


def _coarse(status: Any, grain: int) -> Any:
    if _grain(status) <= grain:
        return status
    state = STATES.get(status, status)
    return state if grain else state == "done"


def agree(name: str, a: Any, b: Any) -> bool:
    """Do two sides say the same, as far as the coarser of them can?"""
    if name == "status":
        grain = min(_grain(a), _grain(b))
        return bool(_coarse(a, grain) == _coarse(b, grain))
    return (a or None) == (b or None)


def alike(a: Any, b: Any) -> bool:
    """The same to a reader: the twin's fault writes in capitals and puts a full stop behind."""
    return bool(_read(a) == _read(b))


def same(name: str, a: Any, b: Any) -> bool:
    """The same to a reader, whichever sides the two values of the field are from."""
    return agree(name, a, b) if name == "status" else alike(a, b)


def tells(name: str, held: Any, written: Any) -> bool:
    """Whether whoever holds `held` can tell what was written: a tick says less than a state."""
    return name != "status" or _grain(held) >= _grain(written)


def _read(value: Any) -> Any:
    return (value.upper().rstrip(".") if isinstance(value, str) else value) or None


def _blank(value: Any) -> Any:
    return None if value == "" else value


@dataclass(frozen=True, slots=True)
class Written:
    """A person set `name` of a record to `value`, having seen `seen`. On our side values are local, else the
    provider's. `erases` = the record was deleted: the value is what was let go."""

    order: int
    side: int
    record: str
    name: str
    seen: Any
    value: Any
    erases: bool = False
    first: bool = False

    def was_seen_by(self, later: Written) -> bool:
        return later.name == self.name and same(self.name, later.seen, self.value)


@dataclass(slots=True)
class Ledger:
    """Every write of a person in its order."""

    entries: list[Written] = field(default_factory=list)
    births: int = 0
    joined: int = 0

    def wrote(self, side: int, record: str, name: str, seen: Any, value: Any, *, first: bool = False) -> None:
        if first or _blank(seen) != _blank(value):  # an empty text over nothing changes nothing, in any store
            self.entries.append(Written(len(self.entries), side, record, name, seen, value, first=first))

    def erased(self, side: int, record: str, values: Mapping[str, Any]) -> None:
        for name, seen in values.items():
            self.entries.append(Written(len(self.entries), side, record, name, seen, None, erases=True))

    def standing(self, things: Mapping[tuple[int, str], str]) -> Iterable[tuple[str, Written]]:
        """(thing, write) of every value that nobody who saw it wrote over. `things` names the record that the
        two sides share.

        Who takes an edit of their own back leaves what stood before it; that was written over by whoever saw it
        then, on the other side, be it a moment earlier."""
        grouped: dict[tuple[str, str], list[Written]] = {}
        for entry in self.entries:
            thing = things.get((entry.side, entry.record), f"{entry.side}:{entry.record}")
            grouped.setdefault((thing, entry.name), []).append(entry)
        for (thing, _), entries in grouped.items():
            for position, entry in enumerate(entries):
                others = entries[position + 1 :] + (_elsewhere(entry, entries) if _returns(entry, entries) else [])
                if not entry.erases and not any(entry.was_seen_by(other) for other in others):
                    yield thing, entry


def _returns(entry: Written, entries: Sequence[Written]) -> bool:
    """Is it back at what somebody at the same record found before?"""
    same = [one for one in entries if (one.side, one.record) == (entry.side, entry.record) and one.order < entry.order]
    return any(entry.was_seen_by(one) for one in same)


def _elsewhere(entry: Written, entries: Sequence[Written]) -> list[Written]:
    return [one for one in entries if one.side != entry.side and one.order < entry.order]
