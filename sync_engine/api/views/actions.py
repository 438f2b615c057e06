"""What is done with an integration: R1's endpoints 4 and 10."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.base.errors import ConnectorError
from integrations.models import Integration, JobExecution
from records.api.errors import Conflict
from sync_engine.api import asking, connection, starting
from sync_engine.api.serializers import actions as shapes
from sync_engine.api.serializers.integrations import IntegrationSerializer
from sync_engine.api.views.integrations import IntegrationDoor
from sync_engine.build import syncing


class ConnectionTest(IntegrationDoor):
    """Does the connection work?"""

    serializer_class = IntegrationSerializer

    @extend_schema(operation_id="integrations_test", responses=shapes.TestedAnswer)
    def get(self, request: Request, integration_id: str) -> Response:
        """Calls the provider once. 401 where it refuses the credentials, 400 where we cannot talk to what
        answers, 502 where nothing useful answers."""
        try:
            found = connection.probe(self.integration())
        except ConnectorError as error:
            raise connection.refusal(error) from error
        answer = {
            "success": True,
            "connection_status": "OK",
            "response_time": found.milliseconds,
            "api_version": found.account.api_version,
            "credentials_valid": True,
            "account_name": found.account.name,
        }
        return Response(shapes.TestedAnswer(answer).data)


class Sync(IntegrationDoor):
    """Runs of an integration, by hand."""

    @extend_schema(operation_id="integrations_sync", request=shapes.SyncSerializer, responses=shapes.StartedAnswer)
    def post(self, request: Request, integration_id: str) -> Response:
        """Queues a run and answers at once; `jobId` is the run."""
        integration = self.integration()
        asked = shapes.SyncSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        options = _possible(integration, asked)
        try:
            return described(asking.ask(integration, cause=f"asked by {self.who}", **options))
        except asking.Stopped as error:
            raise Conflict(str(error), "not_active") from error


def described(run: JobExecution) -> Response:
    """A queued run as R1 describes it."""
    assert run.integration is not None
    answer = {
        "success": True,
        "job_id": run.pk,
        "status": "RUNNING",
        "estimated_duration": starting.estimate(run.integration),
    }
    return Response(shapes.StartedAnswer(answer).data)


def _possible(integration: Integration, asked: shapes.SyncSerializer) -> dict[str, Any]:
    """The options, narrowed to what the integration maps."""
    options = asked.options()
    mapped = syncing(integration)
    chosen = [key for key in options["resource_types"] if key in mapped]
    if "data_types" in asked.validated_data and not chosen:
        names = ", ".join(sorted(mapped)).upper() or "nothing"
        raise ValidationError({"dataTypes": [f"'{integration.name}' syncs none of these. It syncs: {names}."]})
    return {**options, "resource_types": chosen}
