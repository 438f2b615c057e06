"""Why a record is, or is not, in step."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from records import catalog
from records.api.views import Door
from sync_engine.api.serializers.explain import RecordSyncAnswer
from sync_engine.insight.explain import explain


class RecordSync(Door):
    """How one record stands with each integration."""

    serializer_class = RecordSyncAnswer
    filterset_class = None
    pagination_class = None

    @extend_schema(operation_id="records_sync", responses=RecordSyncAnswer)
    def get(self, request: Request, resource_type: str, record_id: str) -> Response:
        """The last agreement field by field, who set it, what is on its way, and what keeps it from moving."""
        try:
            sync_type = catalog.get(resource_type)
        except KeyError as error:
            raise NotFound(str(error.args[0])) from error
        record = sync_type.model.all_objects.filter(organization=self.organization, pk=record_id).first()
        if record is None:
            raise NotFound(f"There is no such {sync_type.label.lower()}.")
        return Response(RecordSyncAnswer({"success": True, "integrations": explain(sync_type, record)}).data)
