"""Rules: all of them, and one with what it does and what it has done."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import services
from automations.actions import ACTIONS
from automations.conditions import All, AnyOf, Condition, Test
from automations.document import read
from automations.errors import DocumentError
from automations.models import Rule, RuleFiring
from automations.sentences import of_test, of_trigger
from console.automations.draft import text_of
from console.pages import Action, Page, Refused
from console.paging import paged
from integrations.models import Integration
from records.roles import organizations_of

LIVE = 5
"""Seconds between looks at firings while some wait."""
MOST = 500


def rules_of(request: HttpRequest) -> QuerySet[Rule]:
    """Those of the viewer's organizations."""
    return Rule.objects.filter(organization__in=organizations_of(request)).select_related("organization")


def in_words(rule: Rule) -> dict[str, Any]:
    """When, if and then, in sentences; `problem` where the document cannot be read any more."""
    try:
        compiled = read(rule.document)
    except DocumentError as error:
        return {"problem": str(error)}
    return {
        "when": of_trigger(compiled.trigger),
        "conditions": list(_lines(compiled.condition)),
        "actions": [(_(ACTIONS[one.type].label), _details(one)) for one in compiled.actions if one.type in ACTIONS],
    }


def _lines(condition: Condition, joined: str = "", depth: int = 0) -> Iterable[tuple[str, str, int]]:
    """(and/or, sentence, depth) of every test."""
    match condition:
        case Test():
            yield joined, of_test(condition), depth
        case All(parts) | AnyOf(parts):
            word = _("and") if isinstance(condition, All) else _("or")
            inner = depth + (1 if joined or depth else 0)
            for at, part in enumerate(parts):
                yield from _lines(part, word if at else joined, inner if isinstance(part, Test) else depth + 1)


def _details(given: Any) -> list[tuple[str, str]]:
    """What stands beside an action, by the labels of the form."""
    found = []
    for one in ACTIONS[given.type].parameters:
        value = given.parameters.get(one.name)
        if value not in (None, "", {}):
            shown = text_of(value) if isinstance(value, dict) else _named(one.kind, value)
            found.append((_(one.label), shown))
    return found


def _named(kind: str, value: Any) -> str:
    """People know an integration by its name."""
    if kind in ("integration", "notifier"):
        named = Integration.objects.filter(pk=value).values_list("name", flat=True) if len(str(value)) == 36 else ()
        return str(next(iter(named), value))
    return _("Yes") if value is True else str(value)


class Rules(Page):
    """All rules, with how they have been doing."""

    template_name = "console/automations/rules.html"
    title = gettext_lazy("Rules")

    def context(self) -> dict[str, Any]:
        rules = list(rules_of(self.request).order_by("organization__name", "name")[:MOST])
        return {"rules": [(rule, in_words(rule).get("when", "")) for rule in rules], "several": self._several(rules)}

    def _several(self, rules: list[Rule]) -> bool:
        return len({rule.organization_id for rule in rules}) > 1


class RulePage(Page):
    """A page about the rule of the address."""

    @cached_property
    def rule(self) -> Rule:
        return get_object_or_404(rules_of(self.request), pk=self.kwargs["pk"])

    def heading(self) -> Any:
        return self.rule.name

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Rules"), reverse("console:rules")


class OneRule(RulePage):
    """What it does in words, whether it is on, and its firings."""

    template_name = "console/automations/rule.html"

    def context(self) -> dict[str, Any]:
        firings = RuleFiring.objects.filter(rule=self.rule)
        state = self.request.GET.get("status", "")
        chosen = firings.filter(status=state) if state in RuleFiring.Status.values else firings
        page = paged(chosen.select_related("rule"), self.request.GET)
        waits = any(one.status == RuleFiring.Status.WAITING for one in page)
        return {
            "rule": self.rule,
            "words": in_words(self.rule),
            "page": page,
            "seconds": LIVE if waits else 30,
            "states": RuleFiring.Status.choices,
            "state": state,
            "versions": self.rule.versions.all()[:10],
        }


class Firings(Page):
    """The firings of all rules."""

    template_name = "console/automations/firings.html"
    title = gettext_lazy("Firings")

    def context(self) -> dict[str, Any]:
        state = self.request.GET.get("status", "")
        firings = RuleFiring.objects.filter(organization__in=self.organizations).select_related("rule")
        chosen = firings.filter(status=state) if state in RuleFiring.Status.values else firings
        return {"page": paged(chosen, self.request.GET), "states": RuleFiring.Status.choices, "state": state}

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Rules"), reverse("console:rules")


class OneFiring(Page):
    """What happened, what came of each action, and what led to it."""

    template_name = "console/automations/firing.html"

    @cached_property
    def firing(self) -> RuleFiring:
        mine = RuleFiring.objects.filter(organization__in=self.organizations).select_related("rule")
        return get_object_or_404(mine, pk=self.kwargs["firing"])

    def context(self) -> dict[str, Any]:
        chain = {str(rule.pk): rule for rule in Rule.objects.filter(pk__in=self.firing.chain)}
        again = (RuleFiring.Status.FAILED, RuleFiring.Status.STOPPED)
        return {
            "firing": self.firing,
            "chain": [chain[str(pk)] for pk in self.firing.chain if str(pk) in chain],
            "outcomes": [(_action_label(one["action"]), one) for one in self.firing.outcomes],
            "can_retry": self.firing.status in again,
            "seconds": LIVE if self.firing.status == RuleFiring.Status.WAITING else 0,
        }

    def heading(self) -> Any:
        return self.firing.subject or _("Firing")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Rules"), reverse("console:rules")
        yield self.firing.rule.name, reverse("console:rule", args=[self.firing.rule_id])


def _action_label(kind: str) -> str:
    return str(_(ACTIONS[kind].label)) if kind in ACTIONS else kind


class RuleAction(Action):
    """Does something with the rule of the address."""

    @cached_property
    def rule(self) -> Rule:
        return get_object_or_404(rules_of(self.request), pk=self.kwargs["pk"])


class Switch(RuleAction):
    """On or off."""

    def act(self) -> str:
        on = self.request.POST.get("on") == "1"
        try:
            services.change_rule(self.rule, enabled=on, saved_by=self.who)
        except DocumentError as error:
            raise Refused(_("The rule cannot be switched on: %(error)s") % {"error": error}) from error
        if on:
            return _("'%(name)s' is on. It fires on what happens from now on.") % {"name": self.rule.name}
        return _("'%(name)s' is off.") % {"name": self.rule.name}


class Remove(RuleAction):
    """Takes a rule away, with its firings."""

    def act(self) -> str:
        name = self.rule.name
        self.rule.delete()
        return _("'%(name)s' was removed.") % {"name": name}

    def after(self) -> str:
        return reverse("console:rules")


class Retry(Action):
    """Tries a firing again."""

    def act(self) -> str:
        firing = get_object_or_404(
            RuleFiring.objects.filter(organization__in=self.organizations), pk=self.kwargs["firing"]
        )
        try:
            services.retry_firing(firing)
        except services.CannotRetry as error:
            raise Refused(str(error)) from error
        return _("It is tried again now. What was done already is not repeated.")
