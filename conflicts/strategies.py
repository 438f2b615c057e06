"""The five strategies and the merge rules of R1, and the circumstances under which a field's own rule holds.
Pure: values in, a decision out.

A decision names the winner and the rule in words; `None` as winner means that a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from integrations.mapping.conflict_rules import FieldRule

Winner = Literal["LOCAL", "EXTERNAL", "MERGED"]

TIE = timedelta(seconds=2)
"""Clocks of two hosts are never compared closer than this; nearer edits go to a person."""


@dataclass(frozen=True, slots=True)
class Contest:
    """One contested field, every value in local form. The stamps are those of the records."""

    field: str
    base: Any
    local: Any
    external: Any
    local_at: datetime | None
    external_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """`value` is in local form. `winner` None = review."""

    winner: Winner | None
    value: Any
    rule: str


def decide(
    contest: Contest, strategy: str, merge_rules: Mapping[str, Any], rules: Sequence[FieldRule] = ()
) -> Decision:
    """The field's own `rules` first (those of the mapping), then `strategy` (a `ConflictStrategy` value)."""
    for rule in rules:
        if CIRCUMSTANCES[rule.when](contest):
            found = MERGES[rule.strategy](contest, {})
            where = "" if rule.when == "always" else f" where {rule.when.replace('_', ' ')}"
            return replace(found, rule=f"{found.rule} (the mapping's rule{where})")
    return STRATEGIES[strategy](contest, merge_rules)


def _local(contest: Contest, rule: str) -> Decision:
    return Decision("LOCAL", contest.local, rule)


def _external(contest: Contest, rule: str) -> Decision:
    return Decision("EXTERNAL", contest.external, rule)


def _review(rule: str) -> Decision:
    return Decision(None, None, rule)


def latest_wins(contest: Contest, _rules: Mapping[str, Any]) -> Decision:
    """The later stamp wins; without both stamps, or within `TIE`, a person decides."""
    if contest.local_at is None or contest.external_at is None:
        return _review("latest wins: a time of change is missing")
    gap = contest.external_at - contest.local_at
    if abs(gap) <= TIE:
        return _review("latest wins: both edits lie within two seconds")
    return _external(contest, "latest wins") if gap > timedelta(0) else _local(contest, "latest wins")


def _numbers(contest: Contest) -> tuple[Decimal, Decimal] | None:
    try:
        return Decimal(str(contest.local)), Decimal(str(contest.external))
    except InvalidOperation:
        return None


def _extreme(contest: Contest, name: str, better: Callable[[Any, Any], bool]) -> Decision:
    """Numbers compare as numbers; dates and other text compare as text (ISO dates sort rightly)."""
    pair = _numbers(contest)
    left, right = pair if pair else (contest.local, contest.external)
    if left is None or right is None or type(left) is not type(right):
        return _review(f"{name}: the two values cannot be compared")
    return _local(contest, name) if better(left, right) else _external(contest, name)


def _concatenate(contest: Contest, _: Mapping[str, Any]) -> Decision:
    parts = [str(value) for value in (contest.local, contest.external) if value not in (None, "")]
    return Decision("MERGED", " | ".join(dict.fromkeys(parts)), "concatenate")


def _union(contest: Contest, _: Mapping[str, Any]) -> Decision:
    if not all(isinstance(value, list | type(None)) for value in (contest.local, contest.external)):
        return _review("union: the two values are not lists")
    return Decision("MERGED", sorted({*(contest.local or ()), *(contest.external or ())}), "union")


MERGES: dict[str, Callable[[Contest, Mapping[str, Any]], Decision]] = {
    "prefer_external": lambda contest, _: _external(contest, "prefer_external"),
    "prefer_local": lambda contest, _: _local(contest, "prefer_local"),
    "concatenate": _concatenate,
    "max": lambda contest, _: _extreme(contest, "max", lambda left, right: left >= right),
    "min": lambda contest, _: _extreme(contest, "min", lambda left, right: left <= right),
    "union": _union,
    "latest": latest_wins,
    "review": lambda _contest, _: _review("a person decides"),
}


def custom_merge(contest: Contest, rules: Mapping[str, Any]) -> Decision:
    """The field's own rule; R1: without one the external value is taken."""
    rule = rules.get(contest.field, "prefer_external")
    name = rule.get("strategy", "prefer_external") if isinstance(rule, Mapping) else rule
    return MERGES.get(name, MERGES["review"])(contest, rules)


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def newer_side(contest: Contest) -> Winner | None:
    """Which edit is the later one; None where nobody can say."""
    return latest_wins(contest, {}).winner


CIRCUMSTANCES: dict[str, Callable[[Contest], bool]] = {
    "always": lambda _contest: True,
    "local_newer": lambda contest: newer_side(contest) == "LOCAL",
    "external_newer": lambda contest: newer_side(contest) == "EXTERNAL",
    "local_empty": lambda contest: is_empty(contest.local) and not is_empty(contest.external),
    "external_empty": lambda contest: is_empty(contest.external) and not is_empty(contest.local),
}
"""Of `integrations.mapping.conflict_rules.CIRCUMSTANCES`, what each means."""

STRATEGIES: dict[str, Callable[[Contest, Mapping[str, Any]], Decision]] = {
    "LATEST_WINS": latest_wins,
    "EXTERNAL_WINS": lambda contest, _: _external(contest, "external wins"),
    "LOCAL_WINS": lambda contest, _: _local(contest, "local wins"),
    "MANUAL_REVIEW": lambda _contest, _: _review("manual review"),
    "CUSTOM_MERGE": custom_merge,
}
