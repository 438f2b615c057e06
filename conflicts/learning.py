"""Past decisions as they stand in the cases, and rules that are made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from conflicts import dismissals
from conflicts.models import ConflictResolution
from conflicts.strategies import Contest
from conflicts.suggestions import Backtest, Past, Suggestion, backtest, suggest
from integrations.mapping import conflict_rules
from integrations.mapping.conflict_rules import CIRCUMSTANCES, FieldRule
from integrations.models import FieldMapping, Integration
from integrations.services import save_mapping
from records import catalog

Status, Kind = ConflictResolution.Status, ConflictResolution.Kind
REMEMBERED = 500
"""Decisions of an integration that are looked at, the latest first: habits change."""


def past(integration: Integration, resource_type: str = "") -> dict[str, list[Past]]:
    """Decisions of people by resource type. What was opened again does not count, nor does bringing a loser back."""
    cases = ConflictResolution.objects.filter(
        ~Exists(ConflictResolution.objects.filter(reopens=OuterRef("pk"))),
        integration=integration,
        status=Status.RESOLVED,
        kind=Kind.FIELDS,
        reopens=None,
    ).exclude(resolved_by="")
    if resource_type:
        cases = cases.filter(resource_type=resource_type)
    found: dict[str, list[Past]] = defaultdict(list)
    for case in cases.order_by("-resolved_at")[:REMEMBERED]:
        found[case.resource_type].extend(_of(case))
    return found


def _of(case: ConflictResolution) -> Iterable[Past]:
    decided: dict[str, Any] = case.resolved_data or {}
    for name, value in decided.items():
        winner = case.winners.get(name, {}).get("winner")
        if winner is None or name not in case.local_data or name not in case.external_data:
            continue
        contest = Contest(
            name,
            case.base_data.get(name),
            case.local_data[name],
            case.external_data[name],
            case.local_changed_at,
            case.external_changed_at,
        )
        yield Past(str(case.pk), contest, winner, value, case.resolved_at, case.resolved_by)


def suggestions(integration: Integration, *, dismissed: bool = False) -> list[tuple[str, Suggestion]]:
    """(resource type, suggestion), those with the most decisions behind them first; or those that were dismissed."""
    hidden = dismissals.of(integration)
    found = [
        (kind, one)
        for kind, decisions in past(integration).items()
        for one in suggest(decisions, in_force(integration, kind))
        if dismissals.holds(hidden.get(dismissals.key(kind, one.field, one.rule)), one, decisions) == dismissed
    ]
    return sorted(found, key=lambda pair: -pair[1].agreed)


def in_force(integration: Integration, resource_type: str) -> dict[str, Any]:
    """The field rules of the mapping in force."""
    mapping = _latest(integration, resource_type)
    return dict(conflict_rules.read(mapping.document)) if mapping else {}


def tried(integration: Integration, resource_type: str, field: str, rule: FieldRule) -> Backtest:
    """A rule against what was decided about one field."""
    decisions = past(integration, resource_type).get(resource_type, [])
    return backtest(rule, [one for one in decisions if one.contest.field == field])


def _latest(integration: Integration, resource_type: str) -> FieldMapping | None:
    versions = FieldMapping.objects.filter(integration=integration, resource_type=resource_type)
    return versions.order_by("-version").first()


@transaction.atomic
def promote(integration: Integration, resource_type: str, field: str, rule: FieldRule, *, by: str) -> FieldMapping:
    """Makes the rule part of the mapping, as a new version; older versions are kept, so it can be taken back. A rule
    for the same circumstance is replaced. Raises `LookupError` without a mapping, and `MappingError`."""
    mapping = _latest(integration, resource_type)
    if mapping is None:
        raise LookupError(f"'{integration.name}' has no mapping for {catalog.get(resource_type).label.lower()}.")
    rules = [one for one in in_force(integration, resource_type).get(field, ()) if one.when != rule.when]
    return _saved(mapping, field, [*rules, rule], by)


@transaction.atomic
def withdraw(integration: Integration, resource_type: str, field: str, when: str, *, by: str) -> FieldMapping:
    """Takes a field's rule for one circumstance out again, as a new version. Raises `LookupError` where there is no
    such rule."""
    mapping = _latest(integration, resource_type)
    rules = in_force(integration, resource_type).get(field, ())
    rest = [one for one in rules if one.when != when]
    if mapping is None or len(rest) == len(rules):
        raise LookupError("There is no such rule any more.")
    return _saved(mapping, field, rest, by)


def _saved(mapping: FieldMapping, field: str, rules: list[FieldRule], by: str) -> FieldMapping:
    ordered = sorted(rules, key=lambda one: _SPECIAL_FIRST.index(one.when))
    document = dict(mapping.document)
    held = {name: rule for name, rule in (document.get(conflict_rules.KEY) or {}).items() if name != field}
    document[conflict_rules.KEY] = held | ({field: [one.written for one in ordered]} if ordered else {})
    if not document[conflict_rules.KEY]:
        del document[conflict_rules.KEY]
    return save_mapping(mapping.integration, mapping.resource_type, document, created_by=by)


_SPECIAL_FIRST = (*[name for name in reversed(CIRCUMSTANCES) if name != "always"], "always")
"""Rules are asked in this order: an empty side says more than a later edit, and "always" comes last."""
