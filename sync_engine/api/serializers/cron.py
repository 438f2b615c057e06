"""What the cron routes answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.enums import JobStatus
from integrations.models import JobExecution
from records.api.fields import CamelSerializer

WELL = (JobStatus.COMPLETED, JobStatus.AWAITING_APPROVAL, JobStatus.PENDING, JobStatus.RUNNING)


class RanSerializer(CamelSerializer):
    """R1's result of one integration. `status` PENDING: it goes on in a worker or with the next call."""

    integration_id = serializers.UUIDField()
    job_id = serializers.UUIDField()
    success = serializers.BooleanField()
    status = serializers.CharField()
    total_records = serializers.IntegerField()
    success_count = serializers.IntegerField()
    error_count = serializers.IntegerField()
    conflict_count = serializers.IntegerField()
    retry_count = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)


class RanAnswer(CamelSerializer):
    """R1's answer of a cron route."""

    success = serializers.BooleanField()
    timestamp = serializers.DateTimeField()
    processed = serializers.IntegerField()
    results = RanSerializer(many=True)


class CleanedAnswer(CamelSerializer):
    """How many rows went, and of what."""

    success = serializers.BooleanField()
    timestamp = serializers.DateTimeField()
    processed = serializers.IntegerField()
    deleted = serializers.DictField(child=serializers.IntegerField())


def result_of(run: JobExecution) -> dict[str, Any]:
    return {
        "integration_id": run.integration_id,
        "job_id": run.pk,
        "success": run.status in WELL,
        "status": run.status,
        "total_records": run.total_records,
        "success_count": run.success_count,
        "error_count": run.error_count,
        "conflict_count": run.conflict_count,
        "retry_count": run.retry_count,
        "error": run.error_message,
    }
