"""The card of a case: both sides as they stand now, and what each choice writes. A decision starts here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from conflicts import selectors
from conflicts.models import ConflictResolution
from console.conflicts import sides
from console.conflicts.deciding import NotDecided, decide
from console.conflicts.forms import MergeForm
from console.conflicts.inbox import Cases
from console.conflicts.rows import rows_of
from console.conflicts.shown import Words, words_for
from integrations.mapping.errors import ConversionError
from records import catalog
from sync_engine.deciding.choices import KEEP_EXTERNAL, KEEP_LOCAL, MERGE, Outcome
from sync_engine.review import review, suggesting
from sync_engine.review.review import PROBLEMS, Look
from sync_engine.review.seen import ConflictMoved

Status, Kind = ConflictResolution.Status, ConflictResolution.Kind


@dataclass(frozen=True)
class Neighbours:
    """The cases before and after this one in the list, as addresses; "" at an end."""

    newer: str = ""
    older: str = ""


class Card(Cases):
    """GET shows the case; POST with `decision` decides it, with `preview` shows what a merge would write."""

    template_name = "console/conflicts/card.html"

    @cached_property
    def case(self) -> ConflictResolution:
        cases = self.own.select_related("integration__organization", "reopens")
        return get_object_or_404(cases, pk=self.kwargs["pk"])

    @cached_property
    def look(self) -> Look:
        return review.look(self.case)

    @cached_property
    def words(self) -> Words:
        case, look = self.case, self.look
        data = [case.local_data, case.external_data, case.base_data, case.resolved_data or {}]
        data += [dict(look.local), dict(look.external)]
        if case.kind == Kind.AMBIGUOUS:
            data += [dict(one) for one in look.candidates.values()]
        if case.reopens is not None:
            data += [case.reopens.local_data, case.reopens.external_data]
        return words_for(case.resource_type, str(case.integration.organization_id), data)

    def heading(self) -> str:
        return rows_of([self.case])[0].title

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Conflicts"), self.list_address

    @property
    def list_address(self) -> str:
        query = self.request.GET.urlencode()
        return reverse("console:conflicts") + (f"?{query}" if query else "")

    def context(self) -> dict[str, Any]:
        case, look = self.case, self.look
        open_now = case.status == Status.PENDING
        form = MergeForm(look) if open_now else None
        return {
            "case": case,
            "look": look,
            "provider": sides.provider_of(case),
            "named": sides.external_words(case),
            "reason": sides.reason(case, self.words),
            "undecided": sides.undecided_by_rule(look),
            "local": sides.local_side(look),
            "external": sides.external_side(look),
            "open": open_now,
            "form": form,
            "fields": sides.fields(look, self.words, form),
            "offers": sides.offers(look, self.words),
            "candidates": sides.candidates(look, self.words),
            "hints": self._hints() if open_now and case.kind == Kind.FIELDS else [],
            "history": [one for one in selectors.history(case) if one.pk != case.pk],
            "neighbours": self._neighbours(),
            "list_address": self.list_address,
            "query": self.request.GET.urlencode(),
            "record": _record_address(case),
            "how": sides.how(case),
            "decided": sides.decided(case, self.words),
            "reopen_address": reverse("console:conflict_reopen", args=[case.pk]),
        }

    def _hints(self) -> list[str]:
        """What past decisions speak for in this very case; a person still decides."""
        found = suggesting.advice(self.case.integration)
        return [
            one.sentence
            for one in found
            if one.resource_type == self.case.resource_type
            and suggesting.decides(one.suggestion.rule, one.suggestion.field, self.case)
        ]

    def _neighbours(self) -> Neighbours:
        """Two short reads along the key of the list that one came from."""
        case = self.case
        newer = self.cases.filter(_beyond(case, "gt")).order_by("created_at", "id").first()
        older = self.cases.filter(_beyond(case, "lt")).first()
        return Neighbours(self._address(newer), self._address(older))

    def _address(self, case: ConflictResolution | None) -> str:
        if case is None:
            return ""
        query = self.request.GET.urlencode()
        return reverse("console:conflict", args=[case.pk]) + (f"?{query}" if query else "")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.case.status != Status.PENDING:
            messages.warning(request, _("This case was decided before; its history says how."))
            return HttpResponseRedirect(request.get_full_path())
        form = MergeForm(self.look, request.POST)
        if not form.is_valid():
            return self._again(form, status=422)
        if "preview" in request.POST:
            return self._previewed(form)
        strategy = request.POST.get("decision", "")
        if strategy not in (KEEP_LOCAL, KEEP_EXTERNAL, MERGE):
            return self._again(form, status=422)
        return self._decided(form, strategy)

    def _decided(self, form: MergeForm, strategy: str) -> HttpResponseBase:
        after = self._neighbours().older or self._neighbours().newer
        try:
            said = decide(self.case, form, strategy, self._named(), self.who)
        except NotDecided as problem:
            messages.error(self.request, str(problem))
            return HttpResponseRedirect(self.request.get_full_path())
        messages.success(self.request, said)
        goes_on = "next" in self.request.POST and after
        return HttpResponseRedirect(after if goes_on else self.list_address)

    def _named(self) -> dict[str, str]:
        """Which of several records it is, where the case asks that."""
        asked = {Kind.MAY_EXIST: "externalId", Kind.AMBIGUOUS: "recordId"}.get(Kind(self.case.kind))
        given = self.request.POST.get("candidate", "").strip()
        return {asked: given} if asked and given else {}

    def _previewed(self, form: MergeForm) -> HttpResponse:
        outcome: Outcome | None = None
        problem = ""
        try:
            outcome = review.preview(self.case, form.choice())
        except ConflictMoved as error:
            problem = str(error)
        except PROBLEMS as error:
            problem = str(error) if isinstance(error, ConversionError) else str(getattr(error, "message", error))
        offer = sides.offer(self.look, self.words, review.Offer(MERGE, outcome, problem))
        return self._again(form, merged=offer)

    def _again(self, form: MergeForm, status: int = 200, **more: Any) -> HttpResponse:
        fields = sides.fields(self.look, self.words, form)
        return self.show(status, form=form, fields=fields, **more)


def _beyond(case: ConflictResolution, side: str) -> Q:
    later = Q(**{f"created_at__{side}": case.created_at})
    return later | Q(created_at=case.created_at, **{f"id__{side}": case.pk})


def _record_address(case: ConflictResolution) -> str:
    """The page of the record here, "" where it has none."""
    meta = catalog.get(case.resource_type).model._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[case.resource_id])
    except NoReverseMatch:
        return ""
