"""Integrations: R1's endpoints 1, 2, 8 and 9."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import removal
from integrations.enums import IntegrationStatus
from integrations.models import Integration
from records.api.errors import Conflict
from records.api.views import Door
from sync_engine.api import changing, creating, hooking, stats
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
        created = creating.create(self.organization, dict(asked.validated_data), self.who)
        answer = {
            "success": True,
            "integration": created.integration,
            "webhook_registered": created.registered,
            "authorization_required": created.run is None,
        }
        return Response(shapes.CreatedAnswer(answer).data, status=201)


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
        """Deletes the integration with its links, logs and conflicts, and its webhook there. The records stay."""
        try:
            gone = removal.remove(self.integration(), ports().clock)
        except removal.StillRunning as error:
            raise Conflict(str(error), "running") from error
        deleted = {"integration": True, "mappings": gone.links, "logs": gone.logs, "conflicts": gone.conflicts}
        webhook = {} if gone.webhook is None else {"webhook_removed": gone.webhook}
        return Response(shapes.DeletedAnswer({"success": True, "deleted": deleted, **webhook}).data)


class WebhookSecret(IntegrationDoor):
    """The secret that signs an integration's webhooks."""

    @extend_schema(
        operation_id="integrations_webhook_secret", request=shapes.RotateSerializer, responses=shapes.RotatedAnswer
    )
    def post(self, request: Request, integration_id: str) -> Response:
        """Puts a new secret in force and shows it once; the one before stays valid for a while. Where the provider
        takes registrations it is told by itself."""
        asked = shapes.RotateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        integration = self.integration()
        overlap = timedelta(hours=asked.validated_data["overlap_hours"])
        answer = {"success": True, **hooking.new_secret(integration, overlap)}
        return Response(shapes.RotatedAnswer(answer).data)
