"""The lines that a run writes into the log, with R1's levels.

DEBUG each write, WARN each record that failed or is in conflict; a run ends with INFO, WARN where records failed, ERROR
where it failed itself, FATAL where its integration was stopped and somebody must act. Values of records are not logged.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from integrations.enums import IntegrationStatus, JobStatus, SyncOperation, SyncStatus
from integrations.models import JobExecution

if TYPE_CHECKING:
    from sync_engine.journal import Entry

logger = logging.getLogger("sync_engine.run")
TROUBLE = (SyncStatus.FAILED, SyncStatus.CONFLICT_PENDING)


def record_written(resource_type: str, entry: Entry) -> None:
    """One write, or one record that could not be written."""
    level = logging.WARNING if entry.status in TROUBLE else logging.DEBUG
    if not logger.isEnabledFor(level):
        return
    where: dict[str, Any] = {
        "operation": entry.operation,
        "resourceType": resource_type.upper(),
        "resourceId": entry.resource_id or entry.external_id or "",
        "metadata": {"errorCode": entry.failure or None, "httpStatus": entry.http_status},
    }
    logger.log(level, entry.message or f"{entry.status.lower().replace('_', ' ')}, {entry.direction}", extra=where)


def run_ended(run: JobExecution) -> None:
    """One line at the end of each run. Says where it was by itself: it is told after the commit."""
    integration = run.integration
    details = run.error_details or {}
    where: dict[str, Any] = {
        "runId": str(run.pk),
        "integrationId": str(integration.pk) if integration else "",
        "integrationName": integration.name if integration else "",
        "operation": str(SyncOperation.BULK_SYNC),
        "metadata": {
            "durationMs": run.duration_ms,
            "recordsProcessed": run.total_records,
            "errorCode": details.get("type"),
            "httpStatus": details.get("status"),
            "retryCount": run.retry_count,
        },
    }
    logger.log(_level(run), _sentence(run), extra=where)


def _level(run: JobExecution) -> int:
    if run.status == JobStatus.FAILED:
        stopped = run.integration is not None and run.integration.status == IntegrationStatus.ERROR
        return logging.CRITICAL if stopped else logging.ERROR
    return logging.WARNING if run.error_count else logging.INFO


def _sentence(run: JobExecution) -> str:
    if run.status == JobStatus.FAILED:
        return f"The run failed: {run.error_message}"
    counted = f"{run.total_records} read, {run.error_count} failed, {run.conflict_count} conflicts"
    return f"The run is {str(run.status).lower().replace('_', ' ')}: {counted}."
