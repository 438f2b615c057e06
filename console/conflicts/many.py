"""Many cases by one rule: chosen, previewed write by write, carried out as a run, and what became of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conflicts import selectors
from conflicts.evidence import rule_words
from conflicts.models import BulkDecision, BulkStep, ConflictResolution
from conflicts.selectors import Wanted
from conflicts.strategies import MERGES
from console.conflicts.inbox import Cases
from console.conflicts.shown import Words, words_for
from console.conflicts.sides import Line, raw
from console.pages import Action, Page, Refused
from console.paging import paged
from integrations.models import Integration
from sync_engine.review import bulk
from sync_engine.review.suggesting import provider_of

SECONDS = 2
_EMPTY: Any = _("empty")
Status, State = BulkDecision.Status, BulkStep.State
FIRST = ("prefer_local", "prefer_external", "latest")


class ManyForm(forms.Form):
    """What shall become of the chosen cases."""

    push = forms.BooleanField(required=False, initial=True)

    def __init__(self, provider: str, data: Any = None) -> None:
        super().__init__(data)
        names = [*FIRST, *(name for name in MERGES if name not in (*FIRST, "review"))]
        words = [(name, rule_words(name, provider)) for name in names]
        choices = [(name, text[:1].upper() + text[1:]) for name, text in words]
        self.fields["rule"] = forms.ChoiceField(
            label=_("What shall stand"), choices=choices, widget=forms.RadioSelect, initial="prefer_local"
        )
        self.fields["push"].label = _("Write the result to %(provider)s too") % {"provider": provider}
        self.order_fields(["rule", "push"])


class Many(Cases):
    """The filter of the inbox chooses, for one integration; the form says what shall stand."""

    template_name = "console/conflicts/many.html"
    title = _("Decide many")

    @cached_property
    def one(self) -> Integration:
        """The integration of the address, or the only one that has such cases."""
        wanted = self.form.wanted().integration or next(iter(self._found.integrations), None)
        return get_object_or_404(self.integrations, pk=wanted)

    @cached_property
    def _found(self) -> selectors.Facets:
        return selectors.facets(self.cases.filter(status=ConflictResolution.Status.PENDING))

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Conflicts"), reverse("console:conflicts") + f"?{self.request.GET.urlencode()}"

    def context(self) -> dict[str, Any]:
        chosen = self.cases.filter(status=ConflictResolution.Status.PENDING, integration=self.one)
        found = selectors.facets(chosen)
        return {
            "integration": self.one,
            "many": ManyForm(provider_of(self.one)),
            "found": found,
            "limit": bulk.LIMIT,
            "over": found.total > bulk.LIMIT,
            "kinds": [(ConflictResolution.Kind(kind).label, number) for kind, number in found.kinds.most_common()],
            "names": found.fields.most_common(10),
            "provider": provider_of(self.one),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ManyForm(provider_of(self.one), request.POST)
        if not form.is_valid():
            return self.show(422, many=form)
        wanted: Wanted = self.form.wanted()
        given = form.cleaned_data
        with transaction.atomic():
            made = bulk.file(self.one, wanted, given["rule"], push=given["push"], by=self.who)
        return HttpResponseRedirect(reverse("console:conflicts_bulk", args=[made.pk]))


class OneBulk(Page):
    """The bulk decision of the address, if it is one's own."""

    @cached_property
    def decision(self) -> BulkDecision:
        own = BulkDecision.objects.filter(integration__in=self.integrations)
        return get_object_or_404(own.select_related("integration", "run"), pk=self.kwargs["pk"])


class BulkPage(OneBulk):
    """Live while a worker is at it; then the writes, or what became of them."""

    template_name = "console/conflicts/bulk.html"

    def heading(self) -> Any:
        return _("Decisions on many conflicts")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Conflicts"), reverse("console:conflicts")

    def context(self) -> dict[str, Any]:
        decision, counted = self.decision, bulk.counts(self.decision)
        steps = decision.steps.select_related("conflict")
        state = self.request.GET.get("state", "")
        if state in State.values:
            steps = steps.filter(state=state)
        page = paged(steps, self.request.GET)
        moves = decision.status in (Status.PLANNING, Status.APPLYING)
        done = sum(number for name, number in counted.items() if name not in (State.PLANNED, State.SKIPPED))
        work = done + counted[State.PLANNED]
        provider = provider_of(decision.integration)
        return {
            "decision": decision,
            "seconds": SECONDS if moves else 0,
            "moves": moves,
            "rule": rule_words(decision.rule, provider),
            "provider": provider,
            "counted": [(value, label, counted[value]) for value, label in State.choices if counted[value]],
            "planned": counted[State.PLANNED],
            "percent": round(100 * done / work) if work and decision.status != Status.PLANNING else None,
            "done": done,
            "work": work,
            "page": page,
            "steps": _steps(page.rows, str(decision.integration.organization_id)),
            "state": state,
            "limit": bulk.LIMIT,
        }


@dataclass(frozen=True)
class StepShown:
    """One case with its writes in words: ours by our fields' names, the provider's as they are sent."""

    step: BulkStep
    here: list[Line]
    there: list[Line]


def _steps(steps: Sequence[BulkStep], organization_id: str) -> list[StepShown]:
    """One statement per resource type for the names of what the values refer to."""
    data: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for step in steps:
        for at in (0, 1):
            data[step.conflict.resource_type].append({name: pair[at] for name, pair in step.here.items()})
    words = {kind: words_for(kind, organization_id, values) for kind, values in data.items()}
    return [StepShown(step, _here(step, words[step.conflict.resource_type]), _there(step)) for step in steps]


def _here(step: BulkStep, words: Words) -> list[Line]:
    return [
        Line(words.label(name), words.text(name, before) or _EMPTY, words.text(name, after) or _EMPTY)
        for name, (before, after) in step.here.items()
    ]


def _there(step: BulkStep) -> list[Line]:
    return [Line(name, raw(before), raw(after)) for name, (before, after) in step.there.items()]


class BulkAction(Action):
    """On the bulk decision of the address; ends on its page."""

    def decision(self) -> BulkDecision:
        own = BulkDecision.objects.filter(integration__in=self.integrations)
        return get_object_or_404(own, pk=self.kwargs["pk"])

    def after(self) -> str:
        key: UUID = self.kwargs["pk"]
        return reverse("console:conflicts_bulk", args=[key])


class Approve(BulkAction):
    """Carries out what the page shows, and nothing else."""

    def act(self) -> Any:
        try:
            with transaction.atomic():
                bulk.approve(self.decision(), self.who)
        except bulk.NotReady as error:
            raise Refused(str(error)) from error
        return _("Approved. A case that has moved meanwhile is left out and listed.")


class Cancel(BulkAction):
    """What was decided stays."""

    def act(self) -> Any:
        try:
            bulk.cancel(self.decision())
        except bulk.NotReady as error:
            raise Refused(str(error)) from error
        return _("Stopped. What was decided so far stays; the rest still waits for you.")
