"""Firings that are due, taken together with their rules, each rule read once.

What stays inside our database is carried out many at a time in one transaction. A firing that reaches outside is taken
alone: its lease is meant for a few slow answers, not for a queue of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from automations.actions import ACTIONS
from automations.document import Given, read
from automations.errors import DocumentError
from automations.models import Rule, RuleFiring, RuleVersion
from sync_engine.ports import ports

LEASE = timedelta(minutes=5)
TOGETHER = 25
"""Few enough that locked records are free again within a fraction of a second."""


@dataclass
class Work:
    """A firing, its rule (shared by all its firings), and its actions as they were when it fired; or why they cannot be
    read any more."""

    firing: RuleFiring
    rule: Rule
    actions: Sequence[Given] = ()
    problem: str = ""

    @property
    def outside(self) -> bool:
        return any(each.type in ACTIONS and ACTIONS[each.type].outside for each in self.actions)


def take() -> list[Work]:
    """The oldest that are due, marked as taken; nothing where nothing is due."""
    now = ports().clock.now()
    with transaction.atomic():
        due = RuleFiring.objects.filter(status=RuleFiring.Status.WAITING, next_attempt_at__lte=now)
        found = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "id")[:TOGETHER]
        waiting = load(list(found))
        chosen = waiting[:1] if waiting and waiting[0].outside else [each for each in waiting if not each.outside]
        for each in chosen:
            each.firing.attempts += 1
            each.firing.next_attempt_at = now + LEASE
        RuleFiring.objects.filter(pk__in=[each.firing.pk for each in chosen]).update(
            attempts=F("attempts") + 1, next_attempt_at=now + LEASE
        )
    ports().effect("firings taken")
    return chosen


def load(firings: Sequence[RuleFiring]) -> list[Work]:
    """With their rules and the documents by which they fired."""
    rules = Rule.objects.select_related("organization").in_bulk({each.rule_id for each in firings})
    wanted = {(each.rule_id, each.rule_version) for each in firings}
    versions = RuleVersion.objects.filter(_any_of(wanted)) if wanted else ()
    documents = {(each.rule_id, each.version): each.document for each in versions}
    found: dict[tuple[UUID, int], tuple[Sequence[Given], str]] = {}
    for key in wanted:
        try:
            found[key] = read(documents.get(key, rules[key[0]].document)).actions, ""
        except DocumentError as error:
            found[key] = (), f"The rule does not fit the records any more. {error}"
    return [Work(each, rules[each.rule_id], *found[each.rule_id, each.rule_version]) for each in firings]


def _any_of(wanted: set[tuple[UUID, int]]) -> Q:
    chosen = Q()
    for rule, version in wanted:
        chosen |= Q(rule=rule, version=version)
    return chosen
