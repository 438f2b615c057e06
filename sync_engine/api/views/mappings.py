"""Field mappings: read, new version, validate, preview."""

from __future__ import annotations

from typing import Any

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.base.errors import ConnectorError
from integrations.connect import connect
from integrations.mapping.compiler import compile_mapping
from integrations.mapping.errors import MappingError
from integrations.mapping.validate import validate_text
from integrations.models import FieldMapping, Integration
from integrations.services import check_mapping, field_specs, save_mapping
from records import catalog
from records.api.errors import BadRequest
from records.catalog import SyncType
from sync_engine.api import previewing
from sync_engine.api.connection import refusal
from sync_engine.api.problems import as_list
from sync_engine.api.serializers import mappings as shapes
from sync_engine.api.views.integrations import IntegrationDoor
from sync_engine.build import mappings_in_force
from sync_engine.ports import ports


class MappingDoor(IntegrationDoor):
    """Knows the mappings of one integration."""

    serializer_class = shapes.MappingSerializer

    def sync_type(self, name: str) -> SyncType:
        """By R1's name or the catalog's key. Raises 404."""
        try:
            return catalog.get(name)
        except KeyError as error:
            raise NotFound(str(error.args[0])) from error

    def mapping(self, integration: Integration, name: str) -> FieldMapping:
        """The version in force. Raises 404."""
        found = mappings_in_force(integration).get(self.sync_type(name).key)
        if found is None:
            raise NotFound(f"'{integration.name}' does not map {name}.")
        return found

    def asked(self, request: Request) -> Any:
        body = shapes.DocumentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data["document"]


class Mappings(MappingDoor):
    """All mappings of an integration."""

    pagination_class = None

    @extend_schema(operation_id="mappings_list", responses=shapes.MappingList)
    def get(self, request: Request, integration_id: str) -> Response:
        """The versions in force."""
        found = mappings_in_force(self.integration()).values()
        return Response(shapes.MappingList({"mappings": list(found)}).data)


class MappingDetail(MappingDoor):
    """The mapping of one type."""

    @extend_schema(operation_id="mappings_retrieve", responses=shapes.MappingSerializer)
    def get(self, request: Request, integration_id: str, resource_type: str) -> Response:
        """The version in force."""
        return Response(self.get_serializer(self.mapping(self.integration(), resource_type)).data)

    @extend_schema(
        operation_id="mappings_update", request=shapes.DocumentSerializer, responses=shapes.MappingSerializer
    )
    def put(self, request: Request, integration_id: str, resource_type: str) -> Response:
        """Stores a new version; the next run reads everything again under it. 400 with every problem."""
        integration, sync_type, document = self.integration(), self.sync_type(resource_type), self.asked(request)
        found = problems(sync_type, document)
        if found:
            raise BadRequestWithProblems(found)
        parsed = orjson.loads(document) if isinstance(document, str) else document
        saved = save_mapping(integration, sync_type.key, parsed, created_by=self.who)
        return Response(self.get_serializer(saved).data)


class BadRequestWithProblems(BadRequest):
    """A document that cannot be stored."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        super().__init__("The mapping cannot be used: " + " ".join(one["message"] for one in found), "mapping")
        self.extra = {"problems": found}


class ValidateMapping(MappingDoor):
    """Is a document right?"""

    @extend_schema(
        operation_id="mappings_validate", request=shapes.DocumentSerializer, responses=shapes.ValidationAnswer
    )
    def post(self, request: Request, integration_id: str, resource_type: str) -> Response:
        """Every problem with its place, and its line where the document is given as text. Stores nothing."""
        self.integration()
        found = problems(self.sync_type(resource_type), self.asked(request))
        return Response(shapes.ValidationAnswer({"valid": not found, "problems": found}).data)


class PreviewMapping(MappingDoor):
    """A mapping tried out."""

    @extend_schema(operation_id="mappings_preview", request=shapes.PreviewRequest, responses=shapes.PreviewAnswer)
    def post(self, request: Request, integration_id: str, resource_type: str) -> Response:
        """What sample records become here, and what would be written back."""
        integration, sync_type = self.integration(), self.sync_type(resource_type)
        body = shapes.PreviewRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        document = given.get("document") or self.mapping(integration, resource_type).document
        try:
            compiled = compile_mapping(document, field_specs(sync_type))
            samples = given.get("samples") or _listed(integration, sync_type.key, document)
        except MappingError as error:
            raise BadRequestWithProblems(as_list(error)) from error
        except ConnectorError as error:
            raise refusal(error) from error
        return Response(shapes.PreviewAnswer({"records": previewing.try_out(compiled, samples)}).data)


def _listed(integration: Integration, resource_type: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    return previewing.samples(connect(integration, clock=ports().clock), resource_type, document)


def problems(sync_type: SyncType, document: Any) -> list[dict[str, Any]]:
    """Everything that keeps a document from being stored: form, fields, then the laws of the round trip."""
    try:
        if isinstance(document, str):
            validate_text(document, field_specs(sync_type))
            document = orjson.loads(document)
        check_mapping(sync_type.key, document)
    except MappingError as error:
        return as_list(error)
    if str(document["resourceType"]).lower() != sync_type.key:
        sentence = f"This is the mapping of {sync_type.resource_type}."
        return [{"path": "resourceType", "message": sentence, "line": None}]
    return []
