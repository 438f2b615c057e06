"""What failed lately, for R1's "Recent Errors"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.enums import JobStatus, SyncStatus
from integrations.models import Integration, JobExecution, SyncLog

SHOWN = 5
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """`what` is "sync" or the type of the record; `sentence` at most 300 characters."""

    at: datetime
    what: str
    sentence: str


def recent(integration: Integration, now: datetime, span: timedelta = timedelta(days=1)) -> list[Failure]:
    """The newest failed runs and records of a day, the newest first, no sentence twice."""
    since = now - span
    runs = JobExecution.objects.filter(integration=integration, status=JobStatus.FAILED, started_at__gte=since)
    # By id, which the index has; the time is checked on the few that come.
    logs = SyncLog.objects.filter(integration=integration, status=SyncStatus.FAILED).order_by("-id")[: 4 * SHOWN]
    found = [
        Failure(one.completed_at or one.started_at, "sync", _short(one.error_message))
        for one in runs.order_by("-started_at")[: 4 * SHOWN]
    ]
    found += [
        Failure(one.created_at, one.resource_type, _short(one.error_message)) for one in logs if one.created_at >= since
    ]
    newest = sorted(found, key=lambda one: one.at, reverse=True)
    return list({(one.what, one.sentence): one for one in reversed(newest)}.values())[: -SHOWN - 1 : -1]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
