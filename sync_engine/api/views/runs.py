"""Runs: list, plan, apply, cancel, roll back."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.base.errors import ConnectorError
from integrations.enums import JobStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import JobExecution, PlanStep
from records.api.errors import BadRequest, Conflict
from records.api.views import Door
from sync_engine.api import asking, stopping
from sync_engine.api.connection import refusal
from sync_engine.api.serializers import runs as shapes
from sync_engine.api.serializers.actions import StartedAnswer
from sync_engine.api.views.actions import described
from sync_engine.running.leases import LeaseHeld
from sync_engine.undo import rollback
from sync_engine.undo.compensations import Compensation


class RunFilter(filters.FilterSet):
    """By integration, status and kind."""

    integrationId = filters.UUIDFilter(field_name="integration_id")
    status = filters.ChoiceFilter(choices=JobStatus.choices)
    jobType = filters.ChoiceFilter(field_name="job_type", choices=JobType.choices)

    class Meta:
        model = JobExecution
        fields = ("status",)


class RunDoor(Door):
    """Knows the runs of the caller's organization, and no others."""

    serializer_class = shapes.RunSerializer
    lookup_field = "id"
    lookup_url_kwarg = "run_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return JobExecution.objects.none()
        mine = JobExecution.objects.filter(integration__organization=self.organization)
        return mine.select_related("integration").order_by("-started_at", "-id")

    def run(self) -> JobExecution:
        """The one of the address. Raises 404."""
        found: JobExecution = self.get_object()
        return found


class Runs(RunDoor):
    """All runs."""

    filterset_class = RunFilter
    results_key = "runs"

    @extend_schema(operation_id="runs_list", responses=shapes.RunSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class RunDetail(RunDoor):
    """One run."""

    @extend_schema(operation_id="runs_retrieve", responses=shapes.RunSerializer)
    def get(self, request: Request, run_id: str) -> Response:
        """Where it is, or what came of it."""
        return Response(self.get_serializer(self.run()).data)


class StepFilter(filters.FilterSet):
    """By what is done, and whether it was."""

    action = filters.CharFilter()
    state = filters.ChoiceFilter(choices=PlanStep.State.choices)
    resourceType = filters.CharFilter(field_name="resource_type", lookup_expr="iexact")

    class Meta:
        model = PlanStep
        fields = ("action", "state")


class Steps(RunDoor):
    """The steps of a plan."""

    serializer_class = shapes.StepSerializer
    filterset_class = StepFilter
    results_key = "steps"

    def get_queryset(self) -> Any:
        if self.drawing:
            return PlanStep.objects.none()
        run = get_object_or_404(super().get_queryset(), pk=self.kwargs["run_id"])
        return PlanStep.objects.filter(run=run).order_by("id")

    @extend_schema(operation_id="runs_steps", responses=shapes.StepSerializer(many=True))
    def get(self, request: Request, run_id: str) -> Response:
        """What the plan would write, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class Apply(RunDoor):
    """From a plan to its writes."""

    @extend_schema(operation_id="runs_apply", request=None, responses=StartedAnswer)
    def post(self, request: Request, run_id: str) -> Response:
        """Carries out what the plan showed and nothing else; a run that asked about deletes goes on with them."""
        try:
            filed = asking.approve(self.run(), self.who)
        except asking.NothingToApply as error:
            raise Conflict(str(error), "nothing_to_apply") from error
        except asking.Stopped as error:
            raise Conflict(str(error), "not_active") from error
        return described(filed)


class Cancel(RunDoor):
    """The end of a run before its time."""

    @extend_schema(operation_id="runs_cancel", request=None, responses=shapes.CancelledAnswer)
    def post(self, request: Request, run_id: str) -> Response:
        """A waiting run never starts; one under way stops at its next write (`status` is RUNNING until then)."""
        run = self.run()
        try:
            status = stopping.cancel(run, self.who)
        except stopping.AlreadyOver as error:
            raise Conflict(str(error), "already_over") from error
        return Response(shapes.CancelledAnswer({"success": True, "job_id": run.pk, "status": status}).data)


class Rollback(RunDoor):
    """The way back from a run."""

    @extend_schema(operation_id="runs_rollback_preview", responses=shapes.RollbackPreview)
    def get(self, request: Request, run_id: str) -> Response:
        """What a rollback would do now; nothing is written."""
        run = self.run()
        large = rollback.large(run)
        steps = [] if large else _refused(lambda: rollback.preview(run))
        preview = {"writes": rollback.writes(run).count(), "large": large, "steps": steps}
        return Response(shapes.RollbackPreview(preview).data)

    @extend_schema(
        operation_id="runs_rollback",
        request=None,
        responses={200: shapes.RollbackAnswer, 202: shapes.RollbackAnswer},
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Takes back what still stands as the run wrote it; what was edited since is left alone and listed. Where the
        run made too many writes to wait for, a worker does it (202)."""
        run, cause = self.run(), f"rolled back by {self.who}"
        if rollback.large(run):
            filed = _refused(lambda: rollback.file(run, cause=cause))
            return Response(_taken_back(filed, []), status=202)
        return Response(_taken_back(*_refused(lambda: rollback.roll_back(run, cause=cause))))


def _taken_back(undo: JobExecution, steps: list[Compensation]) -> Any:
    answer = {"success": True, "job_id": undo.pk, "status": undo.status, "steps": steps}
    return shapes.RollbackAnswer(answer).data


def _refused(call: Any) -> Any:
    try:
        return call()
    except rollback.CannotRollBack as error:
        raise Conflict(str(error), "cannot_roll_back") from error
    except LeaseHeld as error:
        raise Conflict(f"{error} Try again in a moment.", "running") from error
    except MappingError as error:
        raise BadRequest(f"The mapping cannot be used: {error}", "mapping") from error
    except ConnectorError as error:
        raise refusal(error) from error
