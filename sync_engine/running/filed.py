"""Runs that wait for their time are rows: whatever becomes of the queue and of the workers, they are found again.

A row is filed as PENDING with the time from which it may start. `take` hands due rows out to workers; a row that no
worker took up is handed out again. Whoever starts one claims it in one statement, so it starts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.enums import RUNNABLE, IntegrationStatus, JobStatus, JobType
from integrations.models import Integration, JobExecution
from sync_engine.ports import ports
from sync_engine.running.options import Options

HANDED_OUT = timedelta(minutes=10)
"""A row that was handed to a worker and not begun by then is handed out again: the queue was lost."""
AUTOMATIC = (JobType.SCHEDULED_SYNC, JobType.RETRY)
"""These start only while the integration may run; what a person asked for also after an error."""


def file(
    integration: Integration,
    options: Options,
    at: datetime,
    *,
    retry_of: JobExecution | None = None,
    retry_count: int = 0,
    progress: dict[str, Any] | None = None,
) -> JobExecution:
    """A run that may start from `at` on. `progress` = how far the run came that it goes on with."""
    now = ports().clock.now()
    return JobExecution.objects.create(
        id=ports().ids.new(),
        integration=integration,
        job_type=options.job_type,
        status=JobStatus.PENDING,
        started_at=now,
        scheduled_for=at,
        options=options.stored(),
        plan_id=options.plan,
        cause=options.cause,
        retry_of=retry_of,
        retry_count=retry_count,
        progress=progress or {},
    )


def schedule(integration: Integration, options: Options, at: datetime) -> JobExecution:
    """As `file`, unless an automatic run of the integration waits already: that one then does both. A retry keeps
    its time, so a provider that rests is left alone. Call it inside a transaction."""
    _lock(integration)
    waiting = waiting_runs(integration).filter(plan=None).first()
    return file(integration, options, at) if waiting is None else _widen(waiting, options)


def retry(
    integration: Integration,
    options: Options,
    at: datetime,
    failed: JobExecution,
    count: int,
    progress: dict[str, Any],
) -> JobExecution:
    """Files a retry of a run that failed, to go on where that one came to. One waits per integration (and plan): it
    takes on what it finds waiting. Call it inside a transaction."""
    _lock(integration)
    others = (
        list(waiting_runs(integration).filter(plan=UUID(options.plan) if options.plan else None))
        if not options.dry_run
        else []
    )
    for other in others:
        if other.job_type == JobType.RETRY:
            other.retry_count = max(other.retry_count, count)
            other.scheduled_for = max(other.scheduled_for or at, at) if count else other.scheduled_for
            return _widen(other, options)
        asked = Options.of(other)
        options, progress = options.widened(asked), progress if options.covers(asked) else {}
    cancel(others, "Done together with a retry.", ports().clock.now())
    return file(integration, options, at, retry_of=failed, retry_count=count, progress=progress)


def _lock(integration: Integration) -> None:
    Integration.objects.select_for_update().only("pk").get(pk=integration.pk)


def _widen(waiting: JobExecution, options: Options) -> JobExecution:
    asked = Options.of(waiting)
    if not asked.covers(options):
        waiting.options, waiting.progress = asked.widened(options).stored(), {}
    waiting.save(update_fields=["options", "progress", "retry_count", "scheduled_for"])
    return waiting


def waiting_runs(integration: Integration) -> QuerySet[JobExecution]:
    """Automatic runs of the integration that have not begun, a retry first."""
    found = JobExecution.objects.filter(integration=integration, status=JobStatus.PENDING, job_type__in=AUTOMATIC)
    return found.order_by("job_type", "scheduled_for")


def resting() -> Exists:
    """For a query of integrations: a retry waits for its time, and until then the provider is left alone."""
    later = Q(retry_count__gt=0) | Q(scheduled_for__gt=ports().clock.now())
    return Exists(
        JobExecution.objects.filter(later, integration=OuterRef("pk"), status=JobStatus.PENDING, job_type=JobType.RETRY)
    )


def awake() -> QuerySet[Integration]:
    """Integrations that may run by themselves now."""
    return Integration.objects.filter(~resting(), status__in=RUNNABLE)


def take(limit: int = 100) -> list[JobExecution]:
    """Hands out runs whose time has come, the longest waiting first."""
    now = ports().clock.now()
    with transaction.atomic():
        due = JobExecution.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            may_start(), Q(lease_until=None) | Q(lease_until__lte=now), status=JobStatus.PENDING, scheduled_for__lte=now
        )
        chosen = list(due.order_by("scheduled_for")[:limit])
        JobExecution.objects.filter(pk__in=[run.pk for run in chosen]).update(lease_until=now + HANDED_OUT)
    return chosen


def may_start() -> Q:
    """Of filed runs: those whose integration may run now. What a person asked for runs after an error too, and a
    rollback also while the integration rests: who takes something back stops the sync first."""
    by_hand = Q(integration__status=IntegrationStatus.ERROR) & ~Q(job_type__in=AUTOMATIC)
    return Q(integration__status__in=RUNNABLE) | by_hand | Q(job_type=JobType.ROLLBACK, integration__isnull=False)


def cancel(runs: Iterable[JobExecution], why: str, now: datetime) -> None:
    """These do not start any more."""
    JobExecution.objects.filter(pk__in=[run.pk for run in runs], status=JobStatus.PENDING).update(
        status=JobStatus.CANCELLED, completed_at=now, lease_until=None, error_message=why
    )


def put_back(run: JobExecution, at: datetime) -> None:
    """It could not begin, because another worker was at it: it waits again."""
    run.status, run.scheduled_for, run.completed_at, run.lease_until = JobStatus.PENDING, at, None, None
    run.save(update_fields=["status", "scheduled_for", "completed_at", "lease_until"])


def history(run: JobExecution) -> Sequence[JobExecution]:
    """The run and what it retries, the first one first."""
    chain = [run]
    while chain[-1].retry_of is not None:
        chain.append(chain[-1].retry_of)
    return chain[::-1]
