"""Rules: list, make, change, test; their versions."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from automations import services
from automations.api.problems import refusals
from automations.api.serializers import rules as shapes
from automations.document import read
from automations.models import Rule
from automations.trying import NoSuchRecord, try_out
from records.api.views import Door


class RuleFilter(filters.FilterSet):
    """By what it waits for, and whether it is on."""

    enabled = filters.BooleanFilter()
    event = filters.CharFilter()
    resourceType = filters.CharFilter(field_name="resource_type", lookup_expr="iexact")

    class Meta:
        model = Rule
        fields = ("enabled",)


class RuleDoor(Door):
    """Knows the rules of the caller's organization."""

    serializer_class = shapes.RuleSerializer
    lookup_url_kwarg = "rule_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return Rule.objects.none()
        return Rule.objects.filter(organization=self.organization).order_by("name")

    def given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        """The values of the body. Raises 400."""
        body = self.get_serializer(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        found: dict[str, Any] = dict(body.validated_data)
        return found


class Rules(RuleDoor):
    """All rules."""

    filterset_class = RuleFilter
    results_key = "rules"

    @extend_schema(operation_id="rules_list", responses=shapes.RuleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """By name, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(operation_id="rules_create", responses={201: shapes.RuleSerializer})
    def post(self, request: Request) -> Response:
        """Makes a rule; every problem of its document is told with its place."""
        given = self.given(request, partial=False)
        with refusals("document."):
            rule = services.create_rule(self.organization, saved_by=self.who, **given)
        return Response(self.get_serializer(rule).data, status=201)


class RuleDetail(RuleDoor):
    """One rule."""

    @extend_schema(operation_id="rules_retrieve")
    def get(self, request: Request, rule_id: str) -> Response:
        """The rule as it is."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(operation_id="rules_update")
    def patch(self, request: Request, rule_id: str) -> Response:
        """Changes what is given; a new document is a new version. `enabled: true` starts the count of failures anew."""
        given = self.given(request, partial=True)
        with refusals("document."):
            rule = services.change_rule(self.get_object(), saved_by=self.who, **given)
        return Response(self.get_serializer(rule).data)

    @extend_schema(operation_id="rules_delete", responses={204: None})
    def delete(self, request: Request, rule_id: str) -> Response:
        """Removes it with its firings. To keep them, switch it off instead."""
        self.get_object().delete()
        return Response(status=204)


class RuleTest(RuleDoor):
    """A test of a rule."""

    serializer_class = shapes.TestSerializer

    @extend_schema(operation_id="rules_test", responses=shapes.ReportSerializer)
    def post(self, request: Request, rule_id: str) -> Response:
        """What would happen if this just happened to that record. Nothing is written or sent."""
        given = self.given(request, partial=False)
        rule: Rule = self.get_object()
        with refusals("document."):
            compiled = read(rule.document)
        record_id = str(given.get("record_id", ""))
        try:
            report = try_out(self.organization, rule.name, compiled, record_id, given.get("before"))
        except NoSuchRecord as error:
            raise NotFound(str(error)) from error
        return Response(shapes.ReportSerializer(report).data)


class RuleVersions(RuleDoor):
    """What a rule was before."""

    results_key = "versions"
    serializer_class = shapes.RuleVersionSerializer

    @extend_schema(operation_id="rules_versions", responses=shapes.RuleVersionSerializer(many=True))
    def get(self, request: Request, rule_id: str) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.get_object().versions.order_by("-version"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
