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
from integrations.enums import IntegrationStatus, JobStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import FieldMapping, Integration
from integrations.services import DuplicateName, create_integration, save_mapping, starter_mappings
from integrations.webhooks.secrets import new_secret
from records import catalog
from records.api.errors import Conflict
from records.api.views import Door
from sync_engine.api import connection, hooking, starting, stats
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
        answer = {"success": True, "integration": created, "webhook_registered": hooking.hook_up(created)}
        return Response(shapes.CreatedAnswer(answer).data, status=201)

    def _create(self, given: dict[str, Any]) -> Integration:
        if Integration.objects.filter(organization=self.organization, name=given["name"]).exists():
            raise _taken(given["name"])
        account = connection.accepted(_unsaved(given)).account
        try:
            with transaction.atomic():
                created = create_integration(
                    self.organization,
                    created_by=self.who,
                    account_id=account.id,
                    webhook_secret={"current": new_secret()},
                    **given,
                )
                starting.start(created, cause="first sync", job_type=JobType.INITIAL_IMPORT, full=True)
        except DuplicateName as error:
            raise _taken(given["name"]) from error
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
        self._change(integration, dict(asked.validated_data))
        return Response(shapes.ChangedAnswer({"success": True, "integration": integration}).data)

    @extend_schema(operation_id="integrations_delete", responses=shapes.DeletedAnswer)
    def delete(self, request: Request, integration_id: str) -> Response:
        """Deletes the integration with its links, logs and conflicts. The records stay."""
        integration = self.integration()
        if integration.job_executions.filter(status=JobStatus.RUNNING, lease_until__gt=ports().clock.now()).exists():
            raise Conflict("A run is under way. Cancel it or wait for its end, then delete.", "running")
        deleted = {
            "integration": True,
            "mappings": integration.mappings.count(),
            "logs": integration.sync_logs.count(),
            "conflicts": integration.conflicts.count(),
        }
        integration.delete()
        return Response(shapes.DeletedAnswer({"success": True, "deleted": deleted}).data)

    def _change(self, integration: Integration, given: dict[str, Any]) -> None:
        name = given.get("name", integration.name)
        if self.get_queryset().filter(name=name).exclude(pk=integration.pk).exists():
            raise _taken(name)
        for field, value in given.items():
            setattr(integration, field, value)
        if set(given) & set(shapes.CONNECTION):
            _same_account(integration)
        with transaction.atomic():
            integration.save(update_fields=[*given, "account_id", "updated_at"])
            _map_new_types(integration, self.who)


def _unsaved(given: dict[str, Any]) -> Integration:
    """What the connection test needs of an integration that is not stored yet."""
    default = registry.get(given["type"].lower()).base_url
    chosen = {name: given[name] for name in ("type", *shapes.CONNECTION) if name in given}
    return Integration(**{**chosen, "base_url": given.get("base_url") or default})


def _taken(name: str) -> ValidationError:
    sentence = f"There is already an integration named '{name}'. Choose another name."
    return ValidationError({"name": [sentence]}, code="duplicate_name")


def _same_account(integration: Integration) -> None:
    account = connection.accepted(integration).account
    if integration.account_id and integration.account_id != account.id:
        sentence = "These credentials belong to another account. Make an integration of its own for it."
        raise ValidationError({"credentials": [sentence]})
    integration.account_id = account.id


def _map_new_types(integration: Integration, who: str) -> None:
    """Data types that were added get their starter mapping."""
    mapped = set(FieldMapping.objects.filter(integration=integration).values_list("resource_type", flat=True))
    for key, document in starter_mappings(integration.connector_key).items():
        if key not in mapped and catalog.get(key).data_type in integration.data_types:
            save_mapping(integration, key, document, created_by=who)
