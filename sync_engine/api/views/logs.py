"""Logs: R1's endpoint 5, and the same rows as CSV."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import StreamingHttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.enums import SyncDirection, SyncOperation, SyncStatus
from integrations.log_csv import lines
from integrations.models import SyncLog
from records.api.files import AnyAccepted, as_file
from records.api.pages import BigPages
from sync_engine.api.serializers import actions as shapes
from sync_engine.api.views.integrations import IntegrationDoor


class LogFilter(filters.FilterSet):
    """R1's `status` and `operation`, its date range, and what helps to find one record's history: `search` takes
    our id or the provider's."""

    status = filters.ChoiceFilter(choices=SyncStatus.choices)
    operation = filters.ChoiceFilter(choices=SyncOperation.choices)
    direction = filters.ChoiceFilter(choices=SyncDirection.choices)
    resourceType = filters.CharFilter(field_name="resource_type", method="of_type")
    resourceId = filters.CharFilter(field_name="resource_id")
    search = filters.CharFilter(method="of_record")
    runId = filters.UUIDFilter(field_name="run_id")
    createdAt__gte = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    createdAt__lte = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lte")

    class Meta:
        model = SyncLog
        fields = ("status", "operation")

    def of_type(self, found: Any, name: str, value: str) -> Any:
        return found.filter(**{name: value.lower()})

    def of_record(self, found: Any, name: str, value: str) -> Any:
        return found.filter(Q(resource_id=value) | Q(external_id=value))


class LogDoor(IntegrationDoor):
    """Knows the logs of one integration of the caller's organization."""

    serializer_class = shapes.LogSerializer
    filterset_class = LogFilter
    pagination_class: type[BigPages] | None = BigPages
    results_key = "logs"

    def get_queryset(self) -> Any:
        if self.drawing:
            return SyncLog.objects.none()
        integration = get_object_or_404(super().get_queryset(), pk=self.kwargs["integration_id"])
        return SyncLog.objects.filter(integration=integration).order_by("-id")


class Logs(LogDoor):
    """What was written, and what went wrong."""

    @extend_schema(operation_id="integrations_logs", responses=shapes.LogSerializer(many=True))
    def get(self, request: Request, integration_id: str) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class LogDetail(LogDoor):
    """One row."""

    serializer_class = shapes.LogDetailSerializer
    lookup_url_kwarg = "log_id"

    @extend_schema(operation_id="integrations_logs_retrieve", responses=shapes.LogDetailSerializer)
    def get(self, request: Request, integration_id: str, log_id: int) -> Response:
        """With the request, its answer and the error behind it."""
        return Response(self.get_serializer(self.get_object()).data)


class LogExport(LogDoor):
    """Logs to take away."""

    pagination_class = None
    content_negotiation_class = AnyAccepted

    @extend_schema(operation_id="integrations_logs_export", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, integration_id: str) -> StreamingHttpResponse:
        """Every row that the filters choose as CSV, the newest first, streamed."""
        rows = self.filter_queryset(self.get_queryset())
        return as_file(lines(rows, self.integration_name()), "lockstep-logs")

    def integration_name(self) -> dict[Any, str]:
        mine = IntegrationDoor.get_queryset(self)
        return dict(mine.filter(pk=self.kwargs["integration_id"]).values_list("pk", "name"))
