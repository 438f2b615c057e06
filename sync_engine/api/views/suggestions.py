"""What past decisions speak for, tried on the past, and made a rule when a person says so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from conflicts import learning
from integrations.mapping.conflict_rules import FieldRule
from integrations.mapping.errors import MappingError
from integrations.models import Integration
from records.api.errors import BadRequest
from records.api.views import Door
from sync_engine.api.problems import mapping_problem
from sync_engine.api.serializers import suggestions as shapes
from sync_engine.review import suggesting


class SuggestionDoor(Door):
    """Knows the integrations of the caller's organization, and no others."""

    serializer_class = shapes.AdviceSerializer
    pagination_class = None

    def get_queryset(self) -> Any:
        if self.drawing:
            return Integration.objects.none()
        return Integration.objects.filter(organization=self.organization)

    def asked(self, request: Request) -> tuple[Integration, dict[str, Any], FieldRule]:
        """The rule of the body, checked. Raises 400, 404."""
        body = shapes.RuleRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        integration = get_object_or_404(self.get_queryset(), pk=given["integration_id"])
        return integration, given, FieldRule(given["rule"], given["when"])


class Suggestions(SuggestionDoor):
    """All of them."""

    @extend_schema(
        operation_id="conflicts_suggestions",
        responses=shapes.AdviceList,
        parameters=[OpenApiParameter("integrationId", str, description="All of the organization's without it.")],
    )
    def get(self, request: Request) -> Response:
        """Rules that the decisions of people speak for, with their evidence. Nothing is applied by itself."""
        own = self.get_queryset().order_by("name")
        if wanted := request.query_params.get("integrationId"):
            own = own.filter(pk=_uuid(wanted))
        found = [one for integration in own[:50] for one in suggesting.advice(integration)]
        return Response(shapes.AdviceList({"suggestions": found}).data)


class Try(SuggestionDoor):
    """A rule against the past."""

    @extend_schema(
        operation_id="conflicts_suggestions_try", request=shapes.RuleRequest, responses=shapes.BacktestSerializer
    )
    def post(self, request: Request) -> Response:
        """How any rule would have decided the past cases of a field, and where it differs. Nothing is changed."""
        integration, given, rule = self.asked(request)
        test = learning.tried(integration, given["resource_type"], given["conflicted_field"], rule)
        return Response(shapes.BacktestSerializer(test).data)


class Promote(SuggestionDoor):
    """From a habit to a rule."""

    @extend_schema(
        operation_id="conflicts_suggestions_promote", request=shapes.RuleRequest, responses=shapes.PromotedAnswer
    )
    def post(self, request: Request) -> Response:
        """Puts the rule into a new version of the mapping; the next run reads everything again under it."""
        integration, given, rule = self.asked(request)
        try:
            made = learning.promote(integration, given["resource_type"], given["conflicted_field"], rule, by=self.who)
        except MappingError as error:
            raise mapping_problem(error, "conflictedField") from error
        except LookupError as error:
            raise BadRequest(str(error), "no_mapping") from error
        answer = {"success": True, "resource_type": made.resource_type, "version": made.version}
        return Response(shapes.PromotedAnswer(answer).data)


def _uuid(text: str) -> str:
    """Raises 404 for what is no id."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotFound from error
