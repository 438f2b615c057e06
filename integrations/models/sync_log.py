"""One row per record and write: who or what caused it, before and after."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from integrations.enums import SyncDirection, SyncOperation, SyncStatus

from .integration import Integration
from .job_execution import JobExecution


class SyncLog(models.Model):
    """R1 "SyncLog". `direction` says which side was written. `before` and `after` hold the changed fields
    in the written side's form, redacted; they are also what a rollback works from.

    PostgreSQL does not check the two references: it would do so row by row, a tenth of a first import, for
    rows whose run and integration the same transaction holds anyway (its counters, its lease)."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="sync_logs", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(
        JobExecution, on_delete=models.SET_NULL, null=True, related_name="logs", db_constraint=False
    )
    operation = models.CharField(max_length=16, choices=SyncOperation.choices)
    direction = models.CharField(max_length=20, choices=SyncDirection.choices)
    resource_type = models.CharField(max_length=40)
    resource_id = models.TextField(null=True)  # noqa: DJ001 - R1: internal or external id, or none
    external_id = models.TextField(null=True)  # noqa: DJ001
    status = models.CharField(max_length=18, choices=SyncStatus.choices)
    records_processed = models.PositiveIntegerField(default=1, db_default=1)
    records_succeeded = models.PositiveIntegerField(default=0, db_default=1)
    records_failed = models.PositiveIntegerField(default=0, db_default=0)
    failure = models.CharField(max_length=16, blank=True, default="", db_default="")
    error_message = models.TextField(blank=True, default="", db_default="")
    error_stack = models.TextField(blank=True, default="", db_default="")
    http_status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    retry_count = models.PositiveIntegerField(default=0, db_default=0)
    cause = models.TextField(blank=True, default="", db_default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_payload = models.JSONField(null=True)
    response_payload = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("integration", "-id")),
            models.Index(fields=("resource_id",)),
            # Rows come in the order of their time, so a handful of pages says where a stretch of time stands; it costs
            # an insert next to nothing.
            BrinIndex(fields=("created_at",), name="synclog_time", autosummarize=True),
            models.Index(fields=("status", "-id"), name="synclog_not_success", condition=~models.Q(status="SUCCESS")),
            # What failed in a run of a million writes; the index of the run alone would lead to all of them.
            models.Index(fields=("run", "-id"), name="synclog_run_trouble", condition=~models.Q(status="SUCCESS")),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.operation} {self.resource_type} {self.resource_id}: {self.status}"
