"""From two sides and their base to what must be written: compare, resolve, and the bases that follow.

Pure: the resolved lookups, the strategy and the stamps come in as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conflicts.strategies import Contest, Decision, decide
from integrations.mapping.compiler import CompiledMapping
from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from sync_engine.deciding.compare import UNMAPPED, FieldVerdict, FieldView, Side, Verdict, compare
from sync_engine.planted import planted
from sync_engine.shape import Shape

Lookup = Mapping[str, Mapping[str, str]]
"""Resource type to {external id: local id}, or the reverse for pushes."""


@dataclass(slots=True)
class LinkState:
    """What the link remembers; without a link, `known` is False and the bases are empty."""

    local_base: Mapping[str, Any]
    external_base: Mapping[str, Any]
    known: bool = True


@dataclass(slots=True)
class LocalState:
    values: tuple[Any, ...]
    changed_at: datetime | None = None


@dataclass(slots=True)
class ExternalState:
    """`values` is the mapped external tuple; `partners` holds what each lookup rule needs to resolve."""

    values: tuple[Any, ...]
    changed_at: datetime | None = None


@dataclass(slots=True)
class Policy:
    strategy: str = "MANUAL_REVIEW"
    merge_rules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Contested:
    """A field in conflict with what was decided; values in local form."""

    view: FieldView
    contest: Contest
    decision: Decision


@dataclass(slots=True)
class Settlement:
    """What one record needs.

    local_write     field -> plain value to write here
    external_write  rule index -> normalised external value to write there
    pushed          the fields behind external_write, with the local value each one sends
    local_base, external_base   the bases once the local writes are committed; pushed, contested and
                    held fields keep their old base until their write is confirmed or decided
    """

    local_write: dict[str, Any] = field(default_factory=dict)
    external_write: dict[int, Any] = field(default_factory=dict)
    pushed: dict[str, Any] = field(default_factory=dict)
    local_base: dict[str, Any] = field(default_factory=dict)
    external_base: dict[str, Any] = field(default_factory=dict)
    review: list[Contested] = field(default_factory=list)
    decided: list[Contested] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    local_before: dict[str, Any] = field(default_factory=dict)
    external_before: dict[str, Any] = field(default_factory=dict)

    @property
    def merged(self) -> bool:
        """Both sides moved and both edits were kept."""
        return bool(self.local_write and self.external_write)


def views(
    shape: Shape, link: LinkState, local: LocalState, external: ExternalState, resolve: Lookup, reverse: Lookup
) -> list[FieldView]:
    """Every compared field seen from both sides."""
    mapping = shape.mapping
    pulled = mapping.to_local(external.values, resolve)
    pushed = mapping.to_external(local.values, frozenset(shape.names), reverse)
    return [
        _view(shape, mapping, position, name, link, local, external, pulled[position], pushed)
        for position, name in enumerate(shape.names)
    ]


def _view(
    shape: Shape,
    mapping: CompiledMapping,
    position: int,
    name: str,
    link: LinkState,
    local: LocalState,
    external: ExternalState,
    pulled: Any,
    pushed: Sequence[Any],
) -> FieldView:
    indexes = shape.rules_of[name]
    keys = [shape.keys[index] for index in indexes]
    # A value that no rule writes outward has no external form: nothing can be equal through it.
    outward = tuple(pushed[index] if mapping.rules[index].push else external.values[index] for index in indexes)
    written = any(mapping.rules[index].push for index in indexes)
    known = link.known and name in link.local_base and all(key in link.external_base for key in keys)
    return FieldView(
        name=name,
        local=Side(local.values[position], link.local_base.get(name), known),
        external=Side(
            tuple(external.values[index] for index in indexes),
            tuple(link.external_base.get(key) for key in keys),
            known,
        ),
        pulled=UNMAPPED if pulled is UNRESOLVED or pulled is ABSENT else pulled,
        pushed=outward
        if written and not any(value is UNRESOLVED or value is ABSENT for value in outward)
        else UNMAPPED,
        pulls=shape.field_pulls(name),
        pushes=shape.field_pushes(name),
    )


def settle(
    shape: Shape,
    link: LinkState,
    local: LocalState,
    external: ExternalState,
    policy: Policy,
    resolve: Lookup,
    reverse: Lookup,
) -> Settlement:
    """The whole decision for one record present on both sides."""
    result = Settlement(local_base=dict(link.local_base), external_base=dict(link.external_base))
    fields = compare(views(shape, link, local, external, resolve, reverse)).fields
    whole = planted("whole_record_push") and any(item.verdict is Verdict.PUSH for item in fields)
    for item in fields:
        if whole and item.view.pushed is not UNMAPPED:
            item = FieldVerdict(item.view, Verdict.PUSH)
        _APPLY[_with_planted_bugs(item).verdict](shape, result, item, policy, local, external)
    return result


def _with_planted_bugs(item: FieldVerdict) -> FieldVerdict:
    view = item.view
    if item.verdict is Verdict.CONFLICT and planted("local_wins_silently"):
        return FieldVerdict(view, Verdict.PUSH)
    if item.verdict is Verdict.CONFLICT and planted("external_wins_silently"):
        return FieldVerdict(view, Verdict.PULL)
    if planted("lossy_overwrite") and view.pulled is not UNMAPPED and view.pulled != view.local.value:
        return FieldVerdict(view, Verdict.PULL) if not view.local.changed else item
    if planted("lose_hold") and item.verdict is Verdict.HOLD:
        return FieldVerdict(view, Verdict.ADOPT)
    return item


def agree(shape: Shape, result: Settlement, name: str, local: Any, external: Sequence[Any]) -> None:
    """Both sides stand at these values now."""
    result.local_base[name] = local
    for index, value in zip(shape.rules_of[name], external, strict=True):
        result.external_base[shape.keys[index]] = value


def _same(_shape: Shape, _result: Settlement, _item: FieldVerdict, *_rest: Any) -> None:
    """Nothing to do: the bases stand."""


def _adopt(shape: Shape, result: Settlement, item: FieldVerdict, *_rest: Any) -> None:
    agree(shape, result, item.name, item.view.local.value, item.view.external.value)
    result.adopted.append(item.name)


def _hold(_shape: Shape, result: Settlement, item: FieldVerdict, *_rest: Any) -> None:
    result.held.append(item.name)


def _pull(shape: Shape, result: Settlement, item: FieldVerdict, *_rest: Any) -> None:
    _take_external(shape, result, item.view)


def _push(shape: Shape, result: Settlement, item: FieldVerdict, *_rest: Any) -> None:
    _send_local(shape, result, item.view, item.view.local.value, item.view.pushed)


def _take_external(shape: Shape, result: Settlement, view: FieldView) -> None:
    result.local_write[view.name] = view.pulled
    result.local_before[view.name] = view.local.value
    agree(shape, result, view.name, view.pulled, view.external.value)


def _send_local(shape: Shape, result: Settlement, view: FieldView, value: Any, outward: Sequence[Any]) -> None:
    writes = {
        index: (sent, seen)
        for index, sent, seen in zip(shape.rules_of[view.name], outward, view.external.value, strict=True)
        if shape.mapping.rules[index].push and sent != seen
    }
    if not writes:
        agree(shape, result, view.name, value, view.external.value)
        return
    result.pushed[view.name] = value
    for index, (sent, seen) in writes.items():
        result.external_write[index] = sent
        result.external_before[shape.keys[index]] = seen


def _conflict(
    shape: Shape,
    result: Settlement,
    item: FieldVerdict,
    policy: Policy,
    local: LocalState,
    external: ExternalState,
) -> None:
    view = item.view
    base = view.local.base if view.local.known else None
    contest = Contest(view.name, base, view.local.value, view.pulled, local.changed_at, external.changed_at)
    rules = shape.mapping.conflict_rules.get(view.name, ())
    decision = decide(contest, policy.strategy, policy.merge_rules, rules)
    if decision.winner == "LOCAL" and view.pushed is UNMAPPED:
        decision = Decision(None, None, "the value kept here names a record that is not linked yet")
    case = Contested(view, contest, decision)
    if decision.winner is None:
        result.review.append(case)
        if planted("conflict_forgotten"):
            agree(shape, result, view.name, view.local.value, view.external.value)
        return
    result.decided.append(case)
    _carry_out(shape, result, case)


def _carry_out(shape: Shape, result: Settlement, case: Contested) -> None:
    view, decision = case.view, case.decision
    if decision.winner == "EXTERNAL":
        _take_external(shape, result, view)
        return
    # Both losing values were seen by the rule: agree on the external one, then move on from it.
    agree(shape, result, view.name, view.pulled, view.external.value)
    if decision.winner == "LOCAL":
        _send_local(shape, result, view, view.local.value, view.pushed)
        return
    # MERGED: written here first; the push follows from the base just agreed.
    result.local_write[view.name] = decision.value
    result.local_before[view.name] = view.local.value


_APPLY = {
    Verdict.SAME: _same,
    Verdict.ADOPT: _adopt,
    Verdict.HOLD: _hold,
    Verdict.PULL: _pull,
    Verdict.PUSH: _push,
    Verdict.CONFLICT: _conflict,
}
