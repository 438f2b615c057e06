"""One run, with R1's counters."""

from __future__ import annotations

from django.db import models

from integrations.enums import JobStatus, JobType
from records.ids import new_uuid

from .integration import Integration


class JobExecution(models.Model):
    """R1 "JobExecution". `options` is what was asked, `progress` where it is, `counters` the detail behind
    R1's four totals (created, pulled, pushed, merged, deleted, skipped, api_calls, ...). One that is PENDING may
    start from `scheduled_for` on; until `lease_until` it is in the hands of a queue. `retry_count` says which retry
    it is (0 = none), and `retry_of` of what."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="job_executions", null=True, blank=True
    )
    job_type = models.CharField(max_length=16, choices=JobType.choices, default=JobType.MANUAL_SYNC)
    status = models.CharField(max_length=18, choices=JobStatus.choices, default=JobStatus.RUNNING)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)

    total_records = models.PositiveIntegerField(default=0)
    success_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    conflict_count = models.PositiveIntegerField(default=0)
    counters = models.JSONField(default=dict, blank=True)

    error_message = models.TextField(blank=True, default="")
    error_details = models.JSONField(null=True, blank=True)

    options = models.JSONField(default=dict, blank=True)
    progress = models.JSONField(default=dict, blank=True)
    cause = models.CharField(max_length=200, blank=True, default="")
    plan = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="applied_by")
    rolls_back = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    retry_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries")

    lease_owner = models.TextField(blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    retry_count = models.PositiveIntegerField(default=0)
    max_retries = models.PositiveIntegerField(default=5)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(fields=("integration", "-started_at")),
            models.Index(fields=("job_type",)),
            models.Index(fields=("status",)),
            models.Index(fields=("-started_at",)),
            models.Index(fields=("scheduled_for",), name="run_waiting", condition=models.Q(status="PENDING")),
        )
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"{self.job_type} {self.started_at:%Y-%m-%d %H:%M}"
