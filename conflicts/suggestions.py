"""What people decided so far, as a rule. Pure: past decisions in, suggestions with their evidence out.

A rule is tried on every past decision of a field: it *agrees* where it would have chosen the very value that the person
chose. What agrees often enough is suggested, the simplest rule first; nothing is ever applied by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conflicts.strategies import CIRCUMSTANCES, MERGES, Contest, Winner
from integrations.mapping.conflict_rules import FieldRule

FEWEST = 5
"""Decisions that a suggestion stands on at least."""
SHARE = 0.9
"""Part of them that the rule must agree with."""
STRATEGIES = ("prefer_external", "prefer_local", "latest", "max", "min", "union", "concatenate")
"""From the simplest to the most particular: of rules that agree equally often, the first one is suggested."""


@dataclass(frozen=True, slots=True)
class Past:
    """One field that a person decided: what was contested, and the value that was chosen."""

    case: str
    contest: Contest
    winner: Winner
    value: Any
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A past decision that the rule would have made otherwise."""

    past: Past
    value: Any


@dataclass(slots=True)
class Backtest:
    """A rule against the past. `same` and `different` are decisions that it would have made; `left` those that it
    would have left to a person (its circumstance was not met, or the values cannot be compared)."""

    rule: FieldRule
    same: int = 0
    different: list[Difference] = field(default_factory=list)
    left: int = 0

    @property
    def decided(self) -> int:
        return self.same + len(self.different)

    @property
    def share(self) -> float:
        return self.same / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule for one field, with the past that speaks for it."""

    field: str
    rule: FieldRule
    test: Backtest

    @property
    def agreed(self) -> int:
        return self.test.same

    @property
    def total(self) -> int:
        return self.test.decided


def backtest(rule: FieldRule, past: Iterable[Past]) -> Backtest:
    """How `rule` would have decided, one field's past at a time."""
    result = Backtest(rule)
    for one in past:
        if not CIRCUMSTANCES[rule.when](one.contest):
            result.left += 1
            continue
        found = MERGES[rule.strategy](one.contest, {})
        if found.winner is None:
            result.left += 1
        elif found.value == one.value:
            result.same += 1
        else:
            result.different.append(Difference(one, found.value))
    return result


def suggest(past: Iterable[Past], in_force: dict[str, Sequence[FieldRule]] | None = None) -> list[Suggestion]:
    """The rules that the past speaks for, those with the most decisions behind them first. What the rules in force do
    already is not suggested again."""
    by_field: dict[str, list[Past]] = defaultdict(list)
    for one in past:
        by_field[one.contest.field].append(one)
    found = [
        suggestion
        for name, decisions in by_field.items()
        for suggestion in _of_field(name, decisions, (in_force or {}).get(name, ()))
    ]
    return sorted(found, key=lambda one: (-one.agreed, one.field, one.rule.when))


def _of_field(name: str, past: Sequence[Past], in_force: Sequence[FieldRule]) -> list[Suggestion]:
    if any(rule.when == "always" for rule in in_force):
        return []
    whole = _best(name, past, "always")
    if whole is not None:
        return [whole]
    taken = {rule.when for rule in in_force}
    partial = (_best(name, past, when) for when in CIRCUMSTANCES if when not in {*taken, "always"})
    return [one for one in partial if one is not None]


def _best(name: str, past: Sequence[Past], when: str) -> Suggestion | None:
    """The strategy that agrees most often under one circumstance, if that is often enough."""
    tests = [backtest(FieldRule(strategy, when), past) for strategy in STRATEGIES]
    good = [one for one in tests if one.same >= FEWEST and one.share >= SHARE]
    if not good:
        return None
    best = max(good, key=lambda one: one.same)  # the first of several: the simplest
    return Suggestion(name, best.rule, best)
