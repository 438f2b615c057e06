"""Runs that are asked for by the API: filed first, then handed to a worker."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Avg
from kombu.exceptions import OperationalError

from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution
from sync_engine import tasks
from sync_engine.ports import ports
from sync_engine.runs import Options

LOG = logging.getLogger(__name__)
OVERDUE = timedelta(minutes=10)
"""A filed run that no worker has taken by then (the queue was lost) is started by the schedule."""
GUESS = 60
"""Seconds that a run is expected to take where there is none to go by."""


def start(integration: Integration, *, cause: str, job_type: str = JobType.MANUAL_SYNC, **options: Any) -> JobExecution:
    """Files a run and queues it under that very id once the transaction is through."""
    now = ports().clock.now()
    filed = JobExecution.objects.create(
        id=ports().ids.new(),
        integration=integration,
        job_type=job_type,
        status=JobStatus.PENDING,
        started_at=now,
        scheduled_for=now + OVERDUE,
        options=Options(**options).stored(),
        plan_id=options.get("plan"),
        cause=cause,
    )
    asked = {**options, "cause": cause, "job_type": str(job_type), "run_id": str(filed.pk)}
    transaction.on_commit(lambda: _queue(str(integration.pk), asked))
    return filed


def _queue(integration_id: str, options: dict[str, Any]) -> None:
    try:
        tasks.sync.apply_async(args=[integration_id, options], retry=False)
    except OperationalError as error:
        LOG.warning("Run %s waits for the schedule: the queue cannot be reached (%s)", options["run_id"], error)


def estimate(integration: Integration) -> int:
    """Seconds, from the latest runs."""
    latest = integration.job_executions.filter(status=JobStatus.COMPLETED).order_by("-started_at")[:5]
    took = JobExecution.objects.filter(pk__in=[run.pk for run in latest]).aggregate(mean=Avg("duration_ms"))["mean"]
    return GUESS if took is None else max(1, round(took / 1000))
