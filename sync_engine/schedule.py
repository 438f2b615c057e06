"""When runs start by themselves: after a local change, when an interval is over, after a worker died."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.enums import IntegrationStatus, JobStatus, SyncFrequency
from integrations.models import ExternalChange, Integration, JobExecution, PendingChange
from records import catalog
from sync_engine import first_sync, outbox, relay, runs
from sync_engine.ports import ports

logger = logging.getLogger(__name__)
EVERY = {
    SyncFrequency.REALTIME: timedelta(minutes=5),  # webhooks bring the news; polling is the safety net
    SyncFrequency.EVERY_15MIN: timedelta(minutes=15),
    SyncFrequency.HOURLY: timedelta(hours=1),
    SyncFrequency.DAILY: timedelta(days=1),
    SyncFrequency.WEEKLY: timedelta(weeks=1),
}
PATIENCE = 20.0
"""Seconds that a queued run waits for one that is under way, before it leaves the work to the next."""
RUNNABLE = (IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED)


def integrations_with_pending() -> list[str]:
    """Distributes the outbox; ids of runnable integrations that have something due to push."""
    outbox.distribute()
    due_now = Q(not_before=None) | Q(not_before__lte=ports().clock.now())
    waiting = PendingChange.objects.filter(due_now, integration__status__in=RUNNABLE).exclude(
        integration__in=_at_work()
    )
    return [str(pk) for pk in waiting.values_list("integration_id", flat=True).distinct()]


def mirrors_with_news() -> list[str]:
    """Ids of runnable integrations whose external side is of our own records, and has changed."""
    types = {connector.upper() for one in catalog.all_types() for connector, _ in one.mirrors}
    due_now = Q(not_before=None) | Q(not_before__lte=ports().clock.now())
    found = ExternalChange.objects.filter(
        due_now, cause="mirror", integration__type__in=types, integration__status__in=RUNNABLE
    )
    return [str(pk) for pk in found.values_list("integration_id", flat=True).distinct()]


def push_soon(integration_id: str) -> None:
    """Calls a worker for what waits for one integration; if the broker is away, the next drain finds it."""
    from kombu.exceptions import OperationalError

    from sync_engine.tasks import push

    try:
        push.apply_async([integration_id], retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; '%s' is pushed by the next scheduled drain: %s", integration_id, error)


def due() -> list[str]:
    """Integrations whose last run lies further back than their frequency."""
    now = ports().clock.now()
    conditions = Q()
    for frequency, span in EVERY.items():
        conditions |= Q(sync_frequency=frequency) & (Q(last_sync_at=None) | Q(last_sync_at__lte=now - span))
    chosen = Integration.objects.filter(conditions, status__in=RUNNABLE).exclude(pk__in=_at_work())
    return [str(pk) for pk in chosen.values_list("pk", flat=True)]


def _at_work() -> QuerySet[JobExecution, Any]:
    """Integrations with a run that goes from task to task (it pushes what waits when it comes to it), and those whose
    first sync waits for approval."""
    long = JobExecution.objects.filter(status__in=(JobStatus.PENDING, JobStatus.RUNNING), progress__has_key="stint")
    return (long | first_sync.stopped()).values("integration")


def run_now(integration_id: str, **options: Any) -> str | None:
    """A stint of a run in this process; what it leaves is queued. None if the integration is gone or may not run
    now; the run's id otherwise. A run that was filed (`run_id`) runs after an error too, as it was filed, unless
    another worker took it or it was cancelled meanwhile."""
    filed = options.get("run_id")
    runnable = (*RUNNABLE, IntegrationStatus.ERROR) if filed else RUNNABLE
    integration = Integration.objects.filter(pk=integration_id, status__in=runnable).first()
    if integration is None:
        return None
    asked = runs.Options(patience=PATIENCE, **options)
    if filed:
        run = relay.claim(filed, runs.owner())
        if run is None:
            return None
        asked = runs.Options.of(run, patience=PATIENCE)
    chosen = first_sync.allowed(integration, asked, filed=bool(filed))
    if chosen is None:
        return None
    result = runs.execute(integration, chosen, stint=relay.bounded())
    if result.handed_over:
        relay.queue(result.run)
    return str(result.run.pk)


def start_pending() -> int:
    """Starts the runs whose time has come: resumed ones, and those that the queue has lost."""
    now = ports().clock.now()
    with transaction.atomic():
        due_now = JobExecution.objects.select_for_update(skip_locked=True).filter(
            status=JobStatus.PENDING, scheduled_for__lte=now, integration__status__in=RUNNABLE
        )
        waiting = list(due_now.values_list("pk", "integration_id")[:20])
        JobExecution.objects.filter(pk__in=[pk for pk, _ in waiting]).update(scheduled_for=now + relay.OVERDUE)
    return sum(run_now(str(integration), run_id=str(pk)) is not None for pk, integration in waiting)


SCHEDULE = {
    "Push local changes": ("sync_engine.drain", 10),
    "Hear what webhooks queued": ("sync_engine.hear_waiting", 10),
    "Sync what is due": ("sync_engine.sync_due", 60),
    "Resume runs of dead workers": ("sync_engine.reap", 60),
    "Keep sign-ins alive": ("sync_engine.keep_signed_in", 24 * 3600),
    "Rules and outgoing webhooks": ("automations.tick", 10),
}
"""Name -> task and seconds."""


def install() -> None:
    """Files the schedule where beat reads it; what a person has changed there is left alone."""
    for name, (task, seconds) in SCHEDULE.items():
        repeat(name, task, seconds)


def repeat(name: str, task: str, seconds: int, arguments: Sequence[Any] = ()) -> None:
    """Files one periodic task under its name, unless there is one."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    every, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
    fields = {"task": task, "interval": every, "args": json.dumps(list(arguments))}
    PeriodicTask.objects.get_or_create(name=name, defaults=fields)


@contextmanager
def paused() -> Iterator[None]:
    """Nothing of ours starts by schedule inside the block; what was switched on is switched on again."""
    from django_celery_beat.models import PeriodicTask

    running = list(
        PeriodicTask.objects.filter(enabled=True, task__startswith="sync_engine.").values_list("pk", flat=True)
    )
    PeriodicTask.objects.filter(pk__in=running).update(enabled=False)
    try:
        yield
    finally:
        PeriodicTask.objects.filter(pk__in=running).update(enabled=True)
