"""When integrations run next by themselves, for people to see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from integrations.enums import RUNNABLE, JobStatus
from integrations.models import Integration, JobExecution
from sync_engine.running import filed, timetable
from sync_engine.running.schedule import EVERY


def next_starts(integrations: Sequence[Integration], now: datetime) -> dict[UUID, datetime | None]:
    """Of each: the time of the retry or run that waits, else that of its line in the timetable; where there is no such
    line, its interval after the last run. None where it is stopped or run by hand alone. Two queries for any number."""
    waiting = JobExecution.objects.filter(
        integration__in=[one.pk for one in integrations], status=JobStatus.PENDING, job_type__in=filed.AUTOMATIC
    )
    rows = {run.integration_id: run.scheduled_for for run in waiting.order_by("-scheduled_for")}
    lines = timetable.next_times(now)
    return {one.pk: _next(one, rows.get(one.pk), lines, now) for one in integrations}


def _next(
    integration: Integration, filed_for: datetime | None, lines: dict[str, datetime], now: datetime
) -> datetime | None:
    every = EVERY.get(integration.sync_frequency)  # type: ignore[call-overload]
    if integration.status not in RUNNABLE:
        return None
    if filed_for is not None:
        return max(filed_for, now)
    if every is None:
        return None
    if integration.sync_frequency in lines:
        return lines[integration.sync_frequency]
    return max(integration.last_sync_at + every, now) if integration.last_sync_at else now
