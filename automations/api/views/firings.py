"""Firings of rules, and the words that rules are made of."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from automations import services, waking
from automations.api.problems import refusals
from automations.api.serializers import rules as shapes
from automations.models import RuleFiring
from automations.vocabulary import vocabulary
from records.api.keyset import Keyset
from records.api.views import Door


class ById(Keyset):
    """The newest first."""

    ordering = ("-id",)


class FiringFilter(filters.FilterSet):
    """By rule, outcome, and the record it was about."""

    ruleId = filters.UUIDFilter(field_name="rule_id")
    status = filters.ChoiceFilter(choices=RuleFiring.Status.choices)
    recordId = filters.UUIDFilter(field_name="record_id")

    class Meta:
        model = RuleFiring
        fields = ("status",)


class FiringDoor(Door):
    """Knows the firings of the caller's organization."""

    serializer_class = shapes.FiringSerializer
    lookup_url_kwarg = "firing_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return RuleFiring.objects.none()
        return RuleFiring.objects.filter(organization=self.organization).select_related("rule").order_by("-id")


class Firings(FiringDoor):
    """All firings."""

    filterset_class = FiringFilter
    pagination_class = ById
    results_key = "firings"

    @extend_schema(operation_id="firings_list", responses=shapes.FiringSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first, in pages by cursor."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class FiringDetail(FiringDoor):
    """One firing."""

    @extend_schema(operation_id="firings_retrieve")
    def get(self, request: Request, firing_id: int) -> Response:
        """What happened, and what came of each action."""
        return Response(self.get_serializer(self.get_object()).data)


class RetryFiring(FiringDoor):
    """Another try."""

    @extend_schema(operation_id="firings_retry", request=None)
    def post(self, request: Request, firing_id: int) -> Response:
        """Tries again what failed or was stopped. Actions that are done stay done."""
        firing = self.get_object()
        with refusals():
            services.retry_firing(firing)
        waking.read_soon()
        return Response(self.get_serializer(firing).data)


class Vocabulary(Door):
    """The words of rules."""

    @extend_schema(operation_id="rules_vocabulary", responses={200: {"type": "object"}})
    def get(self, request: Request) -> Response:
        """Triggers with their fields, operators by kind of field, and actions with their parameters."""
        return Response(vocabulary())
