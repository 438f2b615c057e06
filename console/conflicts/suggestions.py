"""What past decisions speak for, tried on the past; made a rule, taken back or dismissed by a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conflicts import dismissals, learning
from conflicts.evidence import circumstance, rule_words
from console.conflicts.filters import FilterForm
from console.conflicts.shown import Words, words_for
from console.pages import Action, Page, Refused
from integrations.mapping import conflict_rules
from integrations.mapping.conflict_rules import CIRCUMSTANCES, FieldRule
from integrations.mapping.errors import MappingError
from integrations.models import Integration
from sync_engine import build
from sync_engine.ports import ports
from sync_engine.review import suggesting
from sync_engine.review.suggesting import Advice, label_of, provider_of

INTEGRATIONS = 50
DIFFERENCES = 10


@dataclass(frozen=True)
class DifferenceShown:
    """A past case that the rule would have decided otherwise."""

    case: str
    by: str
    at: Any
    ours: str
    theirs: str
    decided: str
    rule: str


@dataclass(frozen=True)
class AdviceShown:
    """A suggestion with its rule in words and where it differs from the past."""

    advice: Advice
    rule: str
    where: str
    differences: list[DifferenceShown]
    more: int


@dataclass(frozen=True)
class RuleShown:
    """A rule in force."""

    resource_type: str
    field: str
    label: str
    rule: str
    where: str
    when: str


@dataclass(frozen=True)
class Part:
    """What one integration's past speaks for, what holds already, and what was dismissed."""

    integration: Integration
    advice: list[AdviceShown]
    rules: list[RuleShown]
    dismissed: list[Advice]


class Suggestions(Page):
    """By integration."""

    template_name = "console/conflicts/suggestions.html"
    title = _("Suggestions")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Conflicts"), reverse("console:conflicts")

    def context(self) -> dict[str, Any]:
        chosen = FilterForm(self.request.GET, self.integrations).wanted().integration
        own = self.integrations.filter(pk=chosen) if chosen else self.integrations
        parts = [_part(one) for one in own.order_by("name")[:INTEGRATIONS]]
        return {"parts": [one for one in parts if one.advice or one.rules or one.dismissed]}


def _part(integration: Integration) -> Part:
    return Part(
        integration,
        [_shown(one) for one in suggesting.advice(integration)],
        [*_in_force(integration)],
        suggesting.advice(integration, dismissed=True),
    )


def _shown(one: Advice) -> AdviceShown:
    provider, rule = provider_of(one.integration), one.suggestion.rule
    different = one.suggestion.test.different
    values = [{one.suggestion.field: value} for d in different[:DIFFERENCES] for value in (d.past.value, d.value)]
    values += [{one.suggestion.field: d.past.contest.local} for d in different[:DIFFERENCES]]
    values += [{one.suggestion.field: d.past.contest.external} for d in different[:DIFFERENCES]]
    words = words_for(one.resource_type, str(one.integration.organization_id), values)
    return AdviceShown(
        one,
        rule_words(rule.strategy, provider),
        circumstance(rule.when, provider),
        [_difference(words, one.suggestion.field, item) for item in different[:DIFFERENCES]],
        max(0, len(different) - DIFFERENCES),
    )


def _difference(words: Words, name: str, item: Any) -> DifferenceShown:
    def text(value: Any) -> str:
        return words.text(name, value) or str(_("empty"))

    past = item.past
    return DifferenceShown(
        past.case, past.by, past.at, text(past.contest.local), text(past.contest.external), text(past.value),
        text(item.value),
    )  # fmt: skip


def _in_force(integration: Integration) -> Iterable[RuleShown]:
    provider = provider_of(integration)
    for kind, mapping in build.mappings_in_force(integration).items():
        for name, rules in conflict_rules.read(mapping.document).items():
            for rule in rules:
                yield RuleShown(
                    kind,
                    name,
                    label_of(kind, name),
                    rule_words(rule.strategy, provider),
                    circumstance(rule.when, provider),
                    rule.when,
                )


class RuleAction(Action):
    """On a rule that the form names. Ends on the page of suggestions."""

    def named(self) -> tuple[Integration, str, str]:
        given = self.request.POST
        integration = self.integration(given.get("integration", ""))
        kind = given.get("type", "")
        if kind not in build.mappings_in_force(integration):
            raise Refused(str(_("This integration has no such mapping any more.")))
        return integration, kind, given.get("field", "")

    def rule(self) -> FieldRule:
        strategy, when = self.request.POST.get("strategy", ""), self.request.POST.get("when", "")
        if strategy not in conflict_rules.STRATEGIES or when not in CIRCUMSTANCES:
            raise Refused(str(_("There is no such rule.")))
        return FieldRule(strategy, when)

    def after(self) -> str:
        return reverse("console:conflicts_suggestions")


class Promote(RuleAction):
    """From a habit to a rule: a new version of the mapping."""

    def act(self) -> Any:
        integration, kind, name = self.named()
        try:
            made = learning.promote(integration, kind, name, self.rule(), by=self.who)
        except (MappingError, LookupError) as error:
            raise Refused(str(error)) from error
        said = _(
            "The rule is in force, as version %(version)s of the mapping. Open cases that it decides close with the "
            "next sync."
        )
        return said % {"version": made.version}


class Withdraw(RuleAction):
    """Back to asking a person, or to the integration's own strategy."""

    def act(self) -> Any:
        integration, kind, name = self.named()
        try:
            made = learning.withdraw(integration, kind, name, self.request.POST.get("when", ""), by=self.who)
        except (MappingError, LookupError) as error:
            raise Refused(str(error)) from error
        return _("Taken back, as version %(version)s of the mapping.") % {"version": made.version}


class Dismiss(RuleAction):
    """Not wanted: it comes back when many more decisions speak for it, or when somebody asks for it."""

    def act(self) -> Any:
        integration, kind, name = self.named()
        try:
            found = suggesting.named(integration, kind, name, self.rule())
        except LookupError as error:
            raise Refused(str(_("This is not suggested any more."))) from error
        row = dismissals.dismiss(integration, kind, found, by=self.who, now=ports().clock.now())
        number = dismissals.enough(row)
        return ngettext(
            "Dismissed. It is suggested again after %(number)d more decision like it; below it can be brought back.",
            "Dismissed. It is suggested again after %(number)d more decisions like it; below it can be brought back.",
            number,
        ) % {"number": number}


class Restore(RuleAction):
    """Suggested again."""

    def act(self) -> Any:
        integration, kind, name = self.named()
        if not dismissals.restore(integration, kind, name, self.rule()):
            raise Refused(str(_("This is not dismissed any more.")))
        return _("It is suggested again.")
