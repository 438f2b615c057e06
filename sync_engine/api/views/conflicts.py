"""Conflicts: R1's endpoints 6 and 7."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conflicts.models import ConflictResolution
from records.api.pages import Pages
from records.api.views import Door
from sync_engine.api import deciding
from sync_engine.api.serializers import conflicts as shapes

Status = ConflictResolution.Status


class ConflictFilter(filters.FilterSet):
    """R1's filters. Without `status`, what waits for a decision."""

    integrationId = filters.UUIDFilter(field_name="integration_id")
    resourceType = filters.CharFilter(field_name="resource_type", lookup_expr="iexact")
    status = filters.ChoiceFilter(choices=Status.choices)

    class Meta:
        model = ConflictResolution
        fields = ("status",)

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("status") else found.filter(status=Status.PENDING)


class ManyPages(Pages):
    """R1 knows no pages here: a client that asks for none gets as many as can be looked at."""

    default_limit = 500
    max_limit = 500


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


class ConflictDetail(ConflictDoor):
    """One conflict."""

    @extend_schema(operation_id="conflicts_retrieve", responses=shapes.ConflictSerializer)
    def get(self, request: Request, conflict_id: str) -> Response:
        """Both sides, the base, and what was decided."""
        return Response(self.get_serializer(self.get_object()).data)


class Resolve(ConflictDoor):
    """Decisions."""

    @extend_schema(operation_id="conflicts_resolve", request=shapes.ResolveSerializer, responses=shapes.ResolvedAnswer)
    def post(self, request: Request, conflict_id: str) -> Response:
        """Decides a case. 409 with the new state where a side has moved or somebody has decided before."""
        case: ConflictResolution = self.get_object()
        asked = shapes.ResolveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        applied = deciding.decide(case, asked.validated_data, self.who)
        answer = {"success": True, "conflictId": str(case.pk), "status": case.status, "appliedChanges": applied}
        return Response(answer)
