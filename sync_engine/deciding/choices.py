"""What a person's choice on a contested record writes, here and there. Pure: no Django, no clock, no I/O.

A preview and the decision itself are this one function, so what a card shows is what happens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from sync_engine.deciding.settle import ExternalState, LinkState, LocalState, Lookup, Policy, Settlement, settle
from sync_engine.shape import Shape

KEEP_LOCAL, KEEP_EXTERNAL, MERGE = "LOCAL_WINS", "EXTERNAL_WINS", "CUSTOM_MERGE"


@dataclass(frozen=True, slots=True)
class Standing:
    """A linked record as both sides show it now: the local tuple, the mapped external tuple, and the latter in
    local form (`UNRESOLVED` where it names a record that is not linked)."""

    local: tuple[Any, ...]
    external: tuple[Any, ...]
    pulled: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`values` goes with CUSTOM_MERGE, field to value in local form; a field that it leaves out keeps ours.
    `push` False = what then differs from the provider stays different until somebody edits it again."""

    strategy: str
    values: Mapping[str, Any] = field(default_factory=dict)
    push: bool = True

    def of(self, name: str, local: Any, external: Any) -> Any:
        """The value that shall stand."""
        if self.strategy == KEEP_EXTERNAL:
            return external
        return self.values.get(name, local) if self.strategy == MERGE else local


@dataclass(slots=True)
class Outcome:
    """What follows from a choice.

    chosen           field -> the value that shall stand, in local form
    here             field -> (before, after), what is written here
    there            external key -> (before, after), what is sent to the provider
    waits            contested fields whose value cannot be sent yet: it names a record that is not linked there
    unreadable       contested fields whose value there cannot be taken: it names a record that is not linked here
    also_there       other edits made here that go out with the same push, key -> (before, after)
    local_base, external_base   the bases of the link once the decision is written here
    """

    chosen: dict[str, Any] = field(default_factory=dict)
    here: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    there: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    waits: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    also_there: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    local_base: dict[str, Any] = field(default_factory=dict)
    external_base: dict[str, Any] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many values are written, on both sides together."""
        return len(self.here) + len(self.there)

    @property
    def local_write(self) -> dict[str, Any]:
        return {name: after for name, (_, after) in self.here.items()}


def decide(
    shape: Shape, link: LinkState, standing: Standing, fields: Sequence[str], choice: Choice, reverse: Lookup
) -> Outcome:
    """The outcome of `choice` for the contested `fields`. `reverse` resolves references of the chosen values."""
    result = Outcome(local_base=dict(link.local_base), external_base=dict(link.external_base))
    after = list(standing.local)
    for name in fields:
        position = shape.names.index(name)
        here, there = standing.local[position], standing.pulled[position]
        if there is UNRESOLVED or there is ABSENT:
            result.unreadable.append(name)
            there = here
        chosen = choice.of(name, here, there)
        result.chosen[name] = after[position] = chosen
        if chosen != here:
            result.here[name] = (here, chosen)
        # Agreed on theirs; if something else was chosen, it counts as an edit made here after it.
        result.local_base[name] = there if choice.push else chosen
        for index in shape.rules_of[name]:
            result.external_base[shape.keys[index]] = standing.external[index]
    _outward(shape, result, standing, tuple(after), fields, reverse)
    return result


def _outward(
    shape: Shape, result: Outcome, standing: Standing, after: tuple[Any, ...], fields: Sequence[str], reverse: Lookup
) -> None:
    """What the next push sends: the engine's own settlement of the record as the decision leaves it."""
    bases = LinkState(result.local_base, result.external_base)
    # Whatever else is contested stays so: a decision never settles more than it was asked about.
    settled = settle(shape, bases, LocalState(after), ExternalState(standing.external), Policy(), {}, reverse)
    contested = {index for name in fields for index in shape.rules_of[name]}
    for index, sent in settled.external_write.items():
        key = shape.keys[index]
        target = result.there if index in contested else result.also_there
        target[key] = (settled.external_before.get(key), sent)
    result.waits = sorted(_held(settled, fields))


def _held(settled: Settlement, fields: Sequence[str]) -> set[str]:
    return set(settled.held) & set(fields)
