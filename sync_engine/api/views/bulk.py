"""Decisions on many conflicts: prepared, looked at, approved."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from conflicts.models import BulkDecision, BulkStep
from integrations.models import Integration
from records.api.errors import Conflict
from records.api.keyset import Keyset
from records.api.views import Door
from sync_engine.api.serializers import bulk as shapes
from sync_engine.review import bulk


class BulkDoor(Door):
    """Knows the decisions of the caller's organization, and no others."""

    serializer_class = shapes.BulkSerializer
    lookup_field = "id"
    lookup_url_kwarg = "bulk_id"
    pagination_class: type[Keyset] | None = None

    def get_queryset(self) -> Any:
        if self.drawing:
            return BulkDecision.objects.none()
        mine = BulkDecision.objects.filter(integration__organization=self.organization)
        return mine.select_related("integration", "run")

    def answer(self, decision: BulkDecision, code: int = status.HTTP_200_OK) -> Response:
        return Response(shapes.BulkSerializer(decision).data, status=code)


class Bulk(BulkDoor):
    """New ones."""

    @extend_schema(
        operation_id="conflicts_bulk_create", request=shapes.BulkRequest, responses={202: shapes.BulkSerializer}
    )
    def post(self, request: Request) -> Response:
        """Chooses cases and has their writes worked out; nothing is decided before it is approved."""
        asked = shapes.BulkRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        own = Integration.objects.filter(organization=self.organization)
        integration = get_object_or_404(own, pk=asked.validated_data["integration_id"])
        given = asked.validated_data
        with transaction.atomic():
            made = bulk.file(integration, asked.wanted(), given["rule"], push=given["push_to_external"], by=self.who)
        made.refresh_from_db()
        return self.answer(made, status.HTTP_202_ACCEPTED)


class BulkDetail(BulkDoor):
    """One of them."""

    @extend_schema(operation_id="conflicts_bulk_retrieve", responses=shapes.BulkSerializer)
    def get(self, request: Request, bulk_id: str) -> Response:
        """How far it is."""
        return self.answer(self.get_object())


class StepFilter(filters.FilterSet):
    """By what became of it."""

    state = filters.ChoiceFilter(choices=BulkStep.State.choices)

    class Meta:
        model = BulkStep
        fields = ("state",)


class StepPages(Keyset):
    """In the order of the plan."""

    ordering: tuple[str, ...] = ("id",)


class BulkSteps(BulkDoor):
    """The cases, with the exact writes."""

    serializer_class = shapes.BulkStepSerializer
    pagination_class = StepPages
    filterset_class = StepFilter
    results_key = "steps"

    def get_queryset(self) -> Any:
        if self.drawing:
            return BulkStep.objects.none()
        return BulkStep.objects.filter(bulk=get_object_or_404(super().get_queryset(), pk=self.kwargs["bulk_id"]))

    @extend_schema(operation_id="conflicts_bulk_steps", responses=shapes.BulkStepSerializer(many=True))
    def get(self, request: Request, bulk_id: str) -> Response:
        """What is written for each case, and afterwards what became of it."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class BulkApprove(BulkDoor):
    """From the list to its writes."""

    @extend_schema(operation_id="conflicts_bulk_approve", request=None, responses=shapes.BulkSerializer)
    def post(self, request: Request, bulk_id: str) -> Response:
        """Carries out what the list shows and nothing else; a case that has moved since is dropped."""
        decision = self.get_object()
        try:
            with transaction.atomic():
                bulk.approve(decision, self.who)
        except bulk.NotReady as error:
            raise Conflict(str(error), "not_ready") from error
        decision.refresh_from_db()
        return self.answer(decision)


class BulkCancel(BulkDoor):
    """The end before its time."""

    @extend_schema(operation_id="conflicts_bulk_cancel", request=None, responses=shapes.BulkSerializer)
    def post(self, request: Request, bulk_id: str) -> Response:
        """What was decided so far stays; the rest is left as it is."""
        decision = self.get_object()
        try:
            bulk.cancel(decision)
        except bulk.NotReady as error:
            raise Conflict(str(error), "already_over") from error
        return self.answer(decision)
