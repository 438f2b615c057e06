"""What beat starts by itself, and when. The lines are rows of django-celery-beat, to be edited in the admin."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

BY_FREQUENCY = "sync_engine.sync_frequency"
KEEPS = 60
"""Seconds after which a call of a frequent task that no worker took is dropped: the next call does the same."""


@dataclass(frozen=True, slots=True)
class Line:
    """`when` is a crontab in UTC (minute hour day month weekday) or a number of seconds."""

    name: str
    task: str
    when: str | int
    does: str
    arguments: tuple[Any, ...] = ()


TIMETABLE = (
    Line("Push local changes", "sync_engine.drain", 10, "Sends what was edited here and not yet sent."),
    Line("Hear webhooks", "sync_engine.hear_waiting", 10, "Works on deliveries that no worker was told of."),
    Line("Retry Failed", "sync_engine.run_due", "* * * * *", "Starts retries and other runs whose time has come."),
    Line(
        "Real-time Safety Net",
        BY_FREQUENCY,
        "*/5 * * * *",
        "Syncs integrations with REALTIME frequency, in case webhooks were lost.",
        ("REALTIME",),
    ),
    Line(
        "15-minute Sync",
        BY_FREQUENCY,
        "*/15 * * * *",
        "Syncs integrations with EVERY_15MIN frequency.",
        ("EVERY_15MIN",),
    ),
    Line(
        "Hourly Sync",
        BY_FREQUENCY,
        "0 * * * *",
        "Syncs integrations with HOURLY frequency.",
        ("HOURLY",),
    ),
    Line("Daily Sync", BY_FREQUENCY, "0 2 * * *", "Syncs integrations with DAILY frequency.", ("DAILY",)),
    Line(
        "Weekly Sync",
        BY_FREQUENCY,
        "0 2 * * 0",
        "Syncs integrations with WEEKLY frequency.",
        ("WEEKLY",),
    ),
    Line(
        "Nightly Reconcile",
        "sync_engine.reconcile",
        "30 2 * * *",
        "Compares everything on both sides, which finds what cursors, webhooks and the outbox missed.",
    ),
    Line("Health Check", "integrations.check_health", "*/5 * * * *", "Measures the health of every integration."),
    Line("Keep sign-ins alive", "sync_engine.keep_signed_in", 24 * 3600, "Renews sign-ins that would die unused."),
    Line(
        "Send alerts", "integrations.deliver_notifications", 60, "Sends mails and messages about alerts that are due."
    ),
    Line(
        "Tell of conflicts",
        "sync_engine.tell_of_conflicts",
        60,
        "Writes one message about the conflicts that have come up.",
    ),
    Line("Rules and outgoing webhooks", "automations.tick", 10, "Carries out rules and sends outgoing webhooks."),
    Line(
        "Renew Webhooks", "sync_engine.renew_webhooks", "10 * * * *", "Renews webhook registrations before they expire."
    ),
    Line(
        "Cleanup Logs",
        "sync_engine.cleanup_logs",
        "0 3 * * 0",
        "Removes logs older than LOG_RETENTION_DAYS, in batches.",
    ),
)
"""R1's schedule table and what else must happen by itself."""
RENAMED = ("Sync what is due", "Resume runs of dead workers", "Hear what webhooks queued")


@transaction.atomic
def install() -> list[str]:
    """Files the lines that are not there yet; what a person has changed is left alone. Returns the new names."""
    from django_celery_beat.models import PeriodicTask

    PeriodicTask.objects.filter(name__in=RENAMED).delete()
    return [line.name for line in TIMETABLE if _file(line)]


def repeat(name: str, task: str, seconds: int, arguments: Sequence[Any] = ()) -> bool:
    """Files one periodic task under its name, unless there is one. Whether it is new."""
    return _file(Line(name, task, seconds, "", tuple(arguments)))


def _file(line: Line) -> bool:
    from django_celery_beat.models import PeriodicTask

    fields: dict[str, Any] = {
        "task": line.task,
        "args": json.dumps(list(line.arguments)),
        "description": line.does,
        "expire_seconds": KEEPS if isinstance(line.when, int) and line.when < KEEPS else None,
        **_times(line.when),
    }
    return PeriodicTask.objects.get_or_create(name=line.name, defaults=fields)[1]


def _times(when: str | int) -> dict[str, Any]:
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule

    if isinstance(when, int):
        return {"interval": IntervalSchedule.objects.get_or_create(every=when, period=IntervalSchedule.SECONDS)[0]}
    names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    return {
        "crontab": CrontabSchedule.objects.get_or_create(**dict(zip(names, when.split(), strict=True)), timezone="UTC")[
            0
        ]
    }


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


def next_times(now: datetime) -> dict[str, datetime]:
    """Frequency -> when its line starts next, as it stands in the admin now. A line that is off is left out."""
    from django_celery_beat.models import PeriodicTask

    lines = PeriodicTask.objects.filter(task=BY_FREQUENCY, enabled=True).select_related("crontab", "interval")
    found: dict[str, datetime] = {}
    for line in lines:
        for frequency in json.loads(line.args or "[]"):
            moment = now + line.schedule.remaining_estimate(line.schedule.now())
            found[str(frequency)] = min(moment, found.get(str(frequency), moment))
    return found
