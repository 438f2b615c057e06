"""Runs that are asked for by the API: filed first, then handed to a worker."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Avg

from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution
from sync_engine.ports import ports
from sync_engine.running import filed, relay
from sync_engine.running.options import Options

GUESS = 60
"""Seconds that a run is expected to take where there is none to go by."""


def start(integration: Integration, *, cause: str, job_type: str = JobType.MANUAL_SYNC, **options: Any) -> JobExecution:
    """Files a run and queues it under that very id once the transaction is through."""
    now = ports().clock.now()
    run = filed.file(integration, Options(**options, cause=cause, job_type=job_type), now + relay.OVERDUE)
    transaction.on_commit(lambda: relay.queue(run))
    return run


def estimate(integration: Integration) -> int:
    """Seconds, from the latest runs."""
    latest = integration.job_executions.filter(status=JobStatus.COMPLETED).order_by("-started_at")[:5]
    took = JobExecution.objects.filter(pk__in=[run.pk for run in latest]).aggregate(mean=Avg("duration_ms"))["mean"]
    return GUESS if took is None else max(1, round(took / 1000))
