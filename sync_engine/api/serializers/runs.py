"""Runs, the steps of plans, and rollbacks."""

from __future__ import annotations

from rest_framework import serializers

from integrations.models import JobExecution, PlanStep
from records.api.fields import CamelModelSerializer, CamelSerializer
from sync_engine.api.serializers.actions import ResourceTypeField


class RunSerializer(CamelModelSerializer):
    """R1's JobExecution. A retry is number `retry_count` of `max_retries` and starts at `scheduled_for`. `counters` is
    the detail behind the four totals; `options` says what was asked."""

    integration_id = serializers.UUIDField()
    integration_name = serializers.CharField(source="integration.name")
    plan_id = serializers.UUIDField(allow_null=True)
    retry_of_id = serializers.UUIDField(allow_null=True)
    rolls_back_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = JobExecution
        fields = (
            "id",
            "integration_id",
            "integration_name",
            "job_type",
            "status",
            "started_at",
            "completed_at",
            "duration_ms",
            "total_records",
            "success_count",
            "error_count",
            "conflict_count",
            "counters",
            "error_message",
            "error_details",
            "options",
            "progress",
            "cause",
            "plan_id",
            "rolls_back_id",
            "scheduled_for",
            "retry_of_id",
            "retry_count",
            "max_retries",
        )
        read_only_fields = fields


class StepSerializer(CamelModelSerializer):
    """One write that a plan would make."""

    id = serializers.CharField()
    resource_type = ResourceTypeField()

    class Meta:
        model = PlanStep
        fields = (
            "id",
            "action",
            "resource_type",
            "internal_id",
            "external_id",
            "label",
            "before",
            "after",
            "detail",
            "state",
        )
        read_only_fields = fields


class CompensationSerializer(CamelSerializer):
    """One write that takes a write back; `skipped` says why it is not made."""

    log_id = serializers.CharField()
    resource_type = ResourceTypeField()
    action = serializers.CharField()
    internal_id = serializers.CharField()
    external_id = serializers.CharField(allow_blank=True)
    values = serializers.DictField()
    skipped = serializers.CharField(allow_blank=True)


class RollbackPreview(CamelSerializer):
    """What a rollback would do now, the last write first. `large` = too many writes to look each of them up now, so
    that the steps are left out; a worker takes them back."""

    writes = serializers.IntegerField()
    large = serializers.BooleanField()
    steps = CompensationSerializer(many=True)


class RollbackAnswer(CamelSerializer):
    """What a rollback did, and the run that did it. PENDING = a worker does it: ask for the run."""

    success = serializers.BooleanField()
    job_id = serializers.UUIDField()
    status = serializers.CharField()
    steps = CompensationSerializer(many=True)


class CancelledAnswer(CamelSerializer):
    """A run that was told to stop."""

    success = serializers.BooleanField()
    job_id = serializers.UUIDField()
    status = serializers.CharField()
