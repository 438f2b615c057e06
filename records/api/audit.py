"""The audit log of an organization, to be read."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.fields import CamelModelSerializer
from records.api.files import AnyAccepted, as_file, as_pdf
from records.api.keyset import Keyset
from records.api.views import Door
from records.audit.export import lines
from records.models import AuditEntry


class AuditEntrySerializer(CamelModelSerializer):
    """Secrets are named where they changed, and never shown."""

    class Meta:
        model = AuditEntry
        fields = (
            "id", "at", "actor", "via", "address", "action", "target_type", "target_id", "target", "before", "after",
        )  # fmt: skip
        read_only_fields = fields


class AuditFilter(filters.FilterSet):
    """By what was done, to what, by whom and when."""

    action = filters.CharFilter(lookup_expr="startswith", help_text="`conflict` finds `conflict.resolved` as well.")
    actor = filters.CharFilter()
    targetType = filters.CharFilter(field_name="target_type")
    targetId = filters.CharFilter(field_name="target_id")
    since = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lte")

    class Meta:
        model = AuditEntry
        fields = ("action", "actor")


class NewestFirst(Keyset):
    """Ids rise with time."""

    ordering: tuple[str, ...] = ("-id",)


class AuditDoor(Door):
    """Knows the entries of the caller's organization, and no others."""

    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    pagination_class: type[NewestFirst] | None = NewestFirst
    results_key = "entries"

    def get_queryset(self) -> Any:
        if self.drawing:
            return AuditEntry.objects.none()
        return AuditEntry.objects.filter(organization_id=self.organization.pk)


class AuditLog(AuditDoor):
    """What people did."""

    @extend_schema(operation_id="audit_list", responses=AuditEntrySerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class AuditExport(AuditDoor):
    """What people did, to take away."""

    pagination_class = None
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="audit_export",
        parameters=[OpenApiParameter("format", str, enum=("csv", "pdf"), default="csv")],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Every entry that the filters choose as CSV, the newest first, streamed; of a PDF, the newest 1,000."""
        chosen, form = self.filter_queryset(self.get_queryset()), request.query_params.get("format", "csv")
        if form == "pdf":
            from records.audit import pdf  # fonts, which nobody else needs in memory

            return as_pdf(pdf.document(chosen), "lockstep-audit")
        if form != "csv":
            raise ValidationError({"format": ["One of csv, pdf."]})
        return as_file(lines(chosen), "lockstep-audit")
