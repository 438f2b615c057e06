"""Integrations: R1's endpoints 1, 2, 8 and 9."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.base import registry
from connectors.base.errors import ConfigError
from integrations import removal
from integrations.enums import IntegrationStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import Integration
from integrations.services import DuplicateName, create_integration
from integrations.webhooks.secrets import new_secret
from records.api.errors import Conflict
from records.api.views import Door
from sync_engine.api import changing, connection, hooking, starting, stats
from sync_engine.api.problems import mapping_problem
from sync_engine.api.serializers import integrations as shapes
from sync_engine.ports import ports


class IntegrationFilter(filters.FilterSet):
    """R1's `status` and `type`."""

    status = filters.ChoiceFilter(choices=IntegrationStatus.choices)
    type = filters.CharFilter(lookup_expr="iexact")

    class Meta:
        model = Integration
        fields = ("status", "type")


class IntegrationDoor(Door):
    """Knows the integrations of the caller's organization, and no others."""

    lookup_field = "id"
    lookup_url_kwarg = "integration_id"
    serializer_class = shapes.IntegrationSerializer

    def get_queryset(self) -> Any:
        return (
            Integration.objects.none() if self.drawing else Integration.objects.filter(organization=self.organization)
        )

    def integration(self) -> Integration:
        """The one of the address. Raises 404."""
        found: Integration = self.get_object()
        return found


class Integrations(IntegrationDoor):
    """All integrations, and new ones."""

    filterset_class = IntegrationFilter
    pagination_class = None

    @extend_schema(operation_id="integrations_list", responses=shapes.IntegrationList)
    def get(self, request: Request) -> Response:
        """Every integration of the organization with its figures."""
        found = stats.attach(list(self.filter_queryset(self.get_queryset())))
        return Response(shapes.IntegrationList({"integrations": found}).data)

    @extend_schema(
        operation_id="integrations_create",
        request=shapes.NewIntegrationSerializer,
        responses={201: shapes.CreatedAnswer},
    )
    def post(self, request: Request) -> Response:
        """Tests the connection, stores it and starts the first sync. The webhook secret is shown only here."""
        asked = shapes.NewIntegrationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        created = self._create(dict(asked.validated_data))
        waits = created.status == IntegrationStatus.ERROR
        answer = {
            "success": True,
            "integration": created,
            "webhook_registered": not waits and hooking.hook_up(created),
            "authorization_required": waits,
        }
        return Response(shapes.CreatedAnswer(answer).data, status=201)

    def _create(self, given: dict[str, Any]) -> Integration:
        if Integration.objects.filter(organization=self.organization, name=given["name"]).exists():
            raise changing.taken(given["name"])
        known = connection.before_storing(_unsaved(given))
        try:
            with transaction.atomic():
                created = create_integration(
                    self.organization,
                    created_by=self.who,
                    webhook_secret={"current": new_secret()},
                    **known,
                    **given,
                )
                if created.status == IntegrationStatus.ACTIVE:
                    starting.start(created, cause="first sync", job_type=JobType.INITIAL_IMPORT, full=True)
        except DuplicateName as error:
            raise changing.taken(given["name"]) from error
        except ConfigError as error:
            raise ValidationError({"dataTypes": [error.message]}) from error
        except MappingError as error:
            raise mapping_problem(error, "mappings") from error
        return created


class IntegrationDetail(IntegrationDoor):
    """One integration."""

    @extend_schema(operation_id="integrations_retrieve", responses=shapes.IntegrationAnswer)
    def get(self, request: Request, integration_id: str) -> Response:
        """The integration with its figures."""
        (found,) = stats.attach([self.integration()])
        return Response(shapes.IntegrationAnswer({"success": True, "integration": found}).data)

    @extend_schema(
        operation_id="integrations_update", request=shapes.ConfigurationSerializer, responses=shapes.ChangedAnswer
    )
    def put(self, request: Request, integration_id: str) -> Response:
        """Changes what is given and leaves the rest. A changed connection is tested first."""
        integration = self.integration()
        asked = shapes.ConfigurationSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changing.change(integration, dict(asked.validated_data), self.who)
        return Response(shapes.ChangedAnswer({"success": True, "integration": integration}).data)

    @extend_schema(operation_id="integrations_delete", responses=shapes.DeletedAnswer)
    def delete(self, request: Request, integration_id: str) -> Response:
        """Deletes the integration with its links, logs and conflicts. The records stay."""
        try:
            gone = removal.remove(self.integration(), ports().clock.now())
        except removal.StillRunning as error:
            raise Conflict(str(error), "running") from error
        deleted = {"integration": True, "mappings": gone.links, "logs": gone.logs, "conflicts": gone.conflicts}
        return Response(shapes.DeletedAnswer({"success": True, "deleted": deleted}).data)


def _unsaved(given: dict[str, Any]) -> Integration:
    """What the connection test needs of an integration that is not stored yet."""
    default = registry.get(given["type"].lower()).base_url
    chosen = {name: given[name] for name in ("type", *shapes.CONNECTION) if name in given}
    return Integration(**{**chosen, "base_url": given.get("base_url") or default})
