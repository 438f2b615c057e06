"""When runs start by themselves: after a local change, at the times of the timetable, when a retry is due, after a
worker died. Every run but a push of local changes is a row before it is a message to a worker."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.enums import RUNNABLE, JobStatus, JobType, SyncFrequency
from integrations.models import ExternalChange, Integration, JobExecution, PendingChange
from records import catalog
from sync_engine.outward import outbox
from sync_engine.ports import ports
from sync_engine.running import added_types, filed, first_sync, relay, runs
from sync_engine.running.options import Options
from sync_engine.undo import rollback

logger = logging.getLogger(__name__)
EVERY = {
    SyncFrequency.REALTIME: timedelta(minutes=5),  # webhooks bring the news; polling is the safety net
    SyncFrequency.EVERY_15MIN: timedelta(minutes=15),
    SyncFrequency.HOURLY: timedelta(hours=1),
    SyncFrequency.DAILY: timedelta(days=1),
    SyncFrequency.WEEKLY: timedelta(weeks=1),
}
NIGHT = timedelta(hours=2)
"""Within which the nightly runs begin."""
EARLY = 0.05
"""Share of its interval by which an integration may be due too early: a timer is never quite on time."""
PATIENCE = 20.0
"""Seconds that a queued run waits for one that is under way, before it leaves the work to the next."""


def integrations_with_pending() -> list[str]:
    """Distributes the outbox; ids of integrations that have something due to push and may run now."""
    outbox.distribute()
    due_now = Q(not_before=None) | Q(not_before__lte=ports().clock.now())
    waiting = PendingChange.objects.filter(due_now, integration__in=_free())
    return added_types.pushable(waiting.values_list("integration_id", "resource_type").distinct())


def mirrors_with_news() -> list[str]:
    """Ids of runnable integrations whose external side is of our own records, and has changed."""
    types = {connector.upper() for one in catalog.all_types() for connector, _ in one.mirrors}
    due_now = Q(not_before=None) | Q(not_before__lte=ports().clock.now())
    found = ExternalChange.objects.filter(
        due_now, cause="mirror", integration__type__in=types, integration__in=filed.awake()
    )
    return [str(pk) for pk in found.values_list("integration_id", flat=True).distinct()]


def push_soon(integration_id: str) -> None:
    """Calls a worker for what waits for one integration, unless everything is left to the next batch; if the broker is
    away, the next drain finds it."""
    if not settings.PUSH_IN_REAL_TIME:
        return
    from kombu.exceptions import OperationalError

    from sync_engine.tasks import push

    try:
        push.apply_async([integration_id], retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; '%s' is pushed by the next scheduled drain: %s", integration_id, error)


def due() -> list[Integration]:
    """Integrations whose last run lies further back than their frequency, for those who keep no timetable."""
    now = ports().clock.now()
    conditions = Q()
    for frequency, span in EVERY.items():
        since = now - span * (1 - EARLY)
        conditions |= Q(sync_frequency=frequency) & (Q(last_sync_at=None) | Q(last_sync_at__lte=since))
    return list(_free().filter(conditions))


def of_frequency(frequency: str) -> list[Integration]:
    """Integrations that a line of the timetable is about."""
    return list(_free().filter(sync_frequency=frequency))


def to_reconcile() -> list[Integration]:
    """Integrations that are compared in full at night: all but those that are synced by hand only."""
    return list(_free().exclude(sync_frequency=SyncFrequency.MANUAL))


def file_runs(
    integrations: Iterable[Integration], cause: str, *, apart: timedelta = timedelta(0), **options: Any
) -> int:
    """Files one scheduled run each, to start now, or `apart` from each other. Where one waits already, that one does
    both."""
    asked = Options(job_type=JobType.SCHEDULED_SYNC, cause=cause, **options)
    now, count = ports().clock.now(), 0
    for integration in integrations:
        with transaction.atomic():
            filed.schedule(integration, asked, now + count * apart)
            added_types.look_again(integration)
        count += 1
    return count


def reconcile() -> int:
    """Files the nightly runs that compare everything, a minute apart, or closer where they would not fit into
    `NIGHT`."""
    chosen = to_reconcile()
    apart = min(timedelta(minutes=1), NIGHT / max(1, len(chosen)))
    return file_runs(chosen, "nightly reconcile", apart=apart, full=True)


def go_on(integration: Integration) -> None:
    """Files and queues the run of an integration that may run again. One that waits already will do, and the first
    sync is for those to begin who made the integration."""
    runs_of_it = JobExecution.objects.filter(integration=integration)
    syncs = runs_of_it.exclude(job_type=JobType.ROLLBACK)
    if not runs_of_it.exists() or syncs.filter(status=JobStatus.PENDING).exists():
        return
    asked = Options(job_type=JobType.SCHEDULED_SYNC, cause="re-enabled")
    with transaction.atomic():
        run = filed.schedule(integration, asked, ports().clock.now())
    if settings.PUSH_IN_REAL_TIME:
        transaction.on_commit(lambda: relay.queue(run))


def _free() -> QuerySet[Integration]:
    """Integrations that may run by themselves now, are not at it, and wait for nobody's approval."""
    return filed.awake().exclude(pk__in=_at_work()).exclude(pk__in=first_sync.under_way().values("integration"))


def _at_work() -> QuerySet[JobExecution, Any]:
    """Integrations with a run that goes from task to task (it pushes what waits when it comes to it), and those whose
    first sync waits for approval."""
    long = JobExecution.objects.filter(status__in=(JobStatus.PENDING, JobStatus.RUNNING), progress__has_key="stint")
    return (long | first_sync.stopped()).values("integration")


def run_now(integration_id: str, **options: Any) -> str | None:
    """A stint of a run in this process; what it leaves is queued. None if the integration is gone or may not run
    now; the run's id otherwise. A run that was filed (`run_id`) runs as it was filed, unless another worker took it
    or it was cancelled meanwhile; one that a person filed also after an error."""
    run_id = options.get("run_id")
    if run_id:
        run = carry_out(run_id)
        return str(run.pk) if run else None
    integration = Integration.objects.filter(pk=integration_id, status__in=RUNNABLE).first()
    if integration is None:
        return None
    asked = first_sync.allowed(integration, Options(**{"patience": PATIENCE, **options}), filed=False)
    return str(_stint(integration, asked).run.pk) if asked else None


def carry_out(run_id: str) -> JobExecution | None:
    """A stint of a filed run, a sync or a rollback. None if it does not wait any more, or may not run now."""
    if not JobExecution.objects.filter(filed.may_start(), pk=run_id).exists():
        return None
    run = relay.claim(run_id, runs.owner())
    if run is None or run.integration is None:
        return None
    if run.job_type == JobType.ROLLBACK:
        rollback.go_on(run)
        return run
    asked = first_sync.allowed(run.integration, Options.of(run, patience=PATIENCE), filed=True)
    return _stint(run.integration, asked).run if asked else None


def _stint(integration: Integration, asked: Options) -> runs.Result:
    result = runs.execute(integration, asked, stint=relay.bounded())
    if result.handed_over:
        relay.queue(result.run)
    return result


def start_pending() -> int:
    """Carries out, in this process, the runs whose time has come: retries, resumed runs, and those that the queue has
    lost. Returns how many."""
    return sum(carry_out(str(run.pk)) is not None for run in filed.take())
