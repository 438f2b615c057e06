"""Conditions: tests of fields, joined by all and any, nested. Pure: no Django, no clock, no I/O.

condition = All((Test("status", "choice", "is", "TODO"), AnyOf((...))))
holds(condition, facts)            -> bool
explain(condition, facts)          -> what each part says, for people
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from automations.operators import OPERATORS


@dataclass(frozen=True)
class Test:
    """One question about one field; `kind` is the field's."""

    __test__ = False

    field: str
    kind: str
    operator: str
    value: Any = None

    @property
    def sentence(self) -> str:
        """`status is TODO`"""
        operator = OPERATORS[self.operator]
        if operator.takes == "nothing":
            return f"{self.field} {operator.label}"
        said = ", ".join(map(_said, self.value)) if isinstance(self.value, list) else _said(self.value)
        if "..." in operator.label:
            return f"{self.field} {operator.label.replace('...', said)}"
        return f"{self.field} {operator.label} {said}"


@dataclass(frozen=True)
class All:
    """Holds if every part does; without parts it holds."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """Holds if one part does; without parts it does not."""

    parts: tuple[Condition, ...] = ()


Condition: TypeAlias = "Test | All | AnyOf"
ALWAYS = All()


@dataclass(frozen=True)
class Facts:
    """What is known when a condition is judged: plain values now, and of changed fields before and after."""

    values: Mapping[str, Any]
    now: datetime
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """One part of an explanation: a sentence, whether it holds, and the parts below it."""

    sentence: str
    holds: bool
    found: Any = None
    parts: tuple[Said, ...] = ()


def holds(condition: Condition, facts: Facts) -> bool:
    """Stops at the first part that decides."""
    match condition:
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case AnyOf(parts):
            return any(holds(part, facts) for part in parts)
        case Test():
            return _passes(condition, facts)


def explain(condition: Condition, facts: Facts) -> Said:
    """As `holds`, of every part."""
    match condition:
        case Test():
            return Said(condition.sentence, _passes(condition, facts), facts.values.get(condition.field))
        case All(parts):
            said = tuple(explain(part, facts) for part in parts)
            return Said("all of these" if said else "always", all(each.holds for each in said), parts=said)
        case AnyOf(parts):
            said = tuple(explain(part, facts) for part in parts)
            return Said("any of these", any(each.holds for each in said), parts=said)


def _passes(test: Test, facts: Facts) -> bool:
    operator = OPERATORS[test.operator]
    if not operator.change:
        return operator.test(facts.values.get(test.field), test.value, test.kind, facts.now)
    if test.field not in facts.after:
        return False
    side = facts.before if test.operator == "changed_from" else facts.after
    return test.field in side and operator.test(side[test.field], test.value, test.kind, facts.now)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value is None else str(value)
