"""The states that a job went through."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from jobs_boards.models import Job, JobStateChange
from records.api.fields import CamelModelSerializer
from records.api.views import Door


class StateChangeSerializer(CamelModelSerializer):
    """`originKind` is user, api, integration, automation, import or system; `actor` its name."""

    class Meta:
        model = JobStateChange
        fields = ("id", "previous_status", "new_status", "changed_at", "origin_kind", "actor")
        read_only_fields = fields


class StateChanges(Door):
    """What states a job went through."""

    serializer_class = StateChangeSerializer
    filter_backends = ()
    results_key = "stateChanges"

    def get_queryset(self) -> Any:
        if self.drawing:
            return JobStateChange.objects.none()
        job = Job.all_objects.filter(organization=self.organization, pk=self.kwargs["record_id"]).first()
        if job is None:
            raise NotFound(f"There is no job {self.kwargs['record_id']}.")
        return JobStateChange.objects.filter(job=job)

    @extend_schema(operation_id="job_state_changes", tags=["jobs-boards"], responses=StateChangeSerializer(many=True))
    def get(self, request: Request, record_id: str) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
