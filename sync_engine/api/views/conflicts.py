"""Conflicts: R1's endpoints 6 and 7, and what a person needs to decide well."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conflicts import selectors
from conflicts.models import ConflictResolution
from conflicts.selectors import Wanted
from integrations.enums import ConflictStrategy
from records.api.keyset import Keyset
from records.api.views import Door
from sync_engine.api import deciding
from sync_engine.api.serializers import conflicts as shapes
from sync_engine.ports import ports
from sync_engine.review import review

Status = ConflictResolution.Status


class ConflictFilter(filters.FilterSet):
    """R1's filters, and more. Without `status`, what waits for a decision; ages are in days."""

    integrationId = filters.UUIDFilter()
    resourceType = filters.CharFilter()
    status = filters.ChoiceFilter(choices=Status.choices)
    kind = filters.ChoiceFilter(choices=ConflictResolution.Kind.choices)
    field = filters.CharFilter()
    strategy = filters.ChoiceFilter(choices=ConflictStrategy.choices)
    olderThan = filters.NumberFilter(min_value=0, max_value=36_500)
    newerThan = filters.NumberFilter(min_value=0, max_value=36_500)
    recordId = filters.CharFilter()

    class Meta:
        model = ConflictResolution
        fields = ()

    def wanted(self) -> Wanted:
        """The filter as the selectors take it. Raises 400."""
        given = self.form.cleaned_data
        return Wanted(
            status=given["status"] or Status.PENDING,
            integration=given["integrationId"],
            resource_type=given["resourceType"],
            kind=given["kind"],
            field=given["field"],
            strategy=given["strategy"],
            older_than=None if given["olderThan"] is None else int(given["olderThan"]),
            newer_than=None if given["newerThan"] is None else int(given["newerThan"]),
            search=given["recordId"],
        )

    def filter_queryset(self, queryset: QuerySet[ConflictResolution]) -> QuerySet[ConflictResolution]:
        return selectors.matching(queryset, self.wanted(), ports().clock.now())


class ManyPages(Keyset):
    """R1 knows no pages here: a client that asks for none gets as many as can be looked at."""

    page_size = 500
    max_page_size = 500


class ConflictDoor(Door):
    """Knows the conflicts of the caller's organization, and no others."""

    serializer_class = shapes.ConflictSerializer
    lookup_field = "id"
    lookup_url_kwarg = "conflict_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return ConflictResolution.objects.none()
        mine = ConflictResolution.objects.filter(integration__organization=self.organization)
        return mine.select_related("integration").order_by("-created_at", "-id")

    def case(self) -> ConflictResolution:
        """The one of the address. Raises 404."""
        found: ConflictResolution = self.get_object()
        return found


class Conflicts(ConflictDoor):
    """All conflicts."""

    filterset_class = ConflictFilter
    pagination_class = ManyPages
    results_key = "conflicts"

    @extend_schema(operation_id="conflicts_list", responses=shapes.ConflictSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What waits for a decision, or has the `status` asked for; the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class Summary(ConflictDoor):
    """How many cases belong to what."""

    filterset_class = ConflictFilter
    pagination_class = None

    @extend_schema(operation_id="conflicts_summary", responses=shapes.SummarySerializer)
    def get(self, request: Request) -> Response:
        """Counts over the same filters as the list, of the newest 2,000 cases (`more` says if there are more)."""
        rows = self.filter_queryset(self.get_queryset())
        return Response(shapes.SummarySerializer(selectors.facets(rows)).data)


class ConflictDetail(ConflictDoor):
    """One conflict."""

    @extend_schema(operation_id="conflicts_retrieve", responses=shapes.ConflictSerializer)
    def get(self, request: Request, conflict_id: str) -> Response:
        """Both sides, the base, and what was decided, as the case holds them; nothing is asked of the provider."""
        return Response(self.get_serializer(self.case()).data)


class Review(ConflictDoor):
    """A conflict at this moment."""

    @extend_schema(operation_id="conflicts_review", responses=shapes.LookSerializer)
    def get(self, request: Request, conflict_id: str) -> Response:
        """Reads both sides now and says what each choice would write. `problem` says why the provider could not be
        read; `token` names what was seen and goes back with the decision."""
        return Response(shapes.LookSerializer(review.look(self.case())).data)


class Preview(ConflictDoor):
    """A choice before it is made."""

    @extend_schema(
        operation_id="conflicts_preview", request=shapes.ResolveSerializer, responses=shapes.OutcomeSerializer
    )
    def post(self, request: Request, conflict_id: str) -> Response:
        """The exact writes of a decision, here and there. Nothing is written."""
        asked = shapes.ResolveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(shapes.OutcomeSerializer(deciding.preview(self.case(), asked.validated_data)).data)


class History(ConflictDoor):
    """The cases of one record."""

    pagination_class = None

    @extend_schema(operation_id="conflicts_history", responses=shapes.HistorySerializer)
    def get(self, request: Request, conflict_id: str) -> Response:
        """What was decided about this record so far, the newest first; the losers are kept in each case."""
        cases = selectors.history(self.case())
        return Response(shapes.HistorySerializer({"conflicts": cases}).data)


class Resolve(ConflictDoor):
    """Decisions."""

    @extend_schema(operation_id="conflicts_resolve", request=shapes.ResolveSerializer, responses=shapes.ResolvedAnswer)
    def post(self, request: Request, conflict_id: str) -> Response:
        """Decides a case. 409 with the new state where a side has moved or somebody has decided before."""
        case = self.case()
        asked = shapes.ResolveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        applied = deciding.decide(case, asked.validated_data, self.who)
        answer = {"success": True, "conflictId": str(case.pk), "status": case.status, "appliedChanges": applied}
        return Response(answer)


class Ignore(ConflictDoor):
    """Cases that are left alone."""

    @extend_schema(operation_id="conflicts_ignore", request=None, responses=shapes.CaseAnswer)
    def post(self, request: Request, conflict_id: str) -> Response:
        """Both sides stay as they are; the question comes back once either side is edited again."""
        case = deciding.ignore(self.case(), self.who)
        return Response(shapes.CaseAnswer({"success": True, "conflict": case}).data)


class Reopen(ConflictDoor):
    """Decisions that are thought over."""

    @extend_schema(operation_id="conflicts_reopen", request=None, responses=shapes.CaseAnswer)
    def post(self, request: Request, conflict_id: str) -> Response:
        """Asks again. A decided case gets a new one whose `reopensId` leads to the values that lost; decide it with
        CUSTOM_MERGE to bring them back."""
        case = deciding.reopen(self.case(), self.who)
        return Response(shapes.CaseAnswer({"success": True, "conflict": case}).data)
