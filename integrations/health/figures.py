"""What health is judged by, counted for any number of integrations in four queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from integrations.enums import JobStatus
from integrations.models import Integration, JobExecution

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Runs:
    """Finished runs of a stretch of time; where there was none, the last one before it.

    `handled` counts records that were read or written, `refused` those that failed; `call_ms` is the time that
    `calls` of the provider took together.
    """

    total: int = 0
    failed: int = 0
    handled: int = 0
    refused: int = 0
    calls: int = 0
    call_ms: int = 0

    @property
    def success_rate(self) -> float | None:
        """Percent of the runs that did not fail."""
        return 100 * (self.total - self.failed) / self.total if self.total else None

    @property
    def error_rate(self) -> float | None:
        """Percent of what was tried. A record is one thing tried, and so is a run; a run that broke off counts as
        much as the average run that went through, because nobody knows what it would have handled."""
        if not self.total:
            return None
        good = self.total - self.failed
        if not good:
            return 100.0
        tried = good + max(self.handled, self.refused)
        lost = self.failed * tried / good
        return 100 * (self.refused + lost) / (tried + lost)

    @property
    def response_ms(self) -> float | None:
        """Mean time of an answer of the provider."""
        return self.call_ms / self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class Figures:
    """One integration, as it was at `at`. `day` and `hour` are the runs of the last 24 hours and of the last hour."""

    at: datetime
    status: str
    frequency: str
    created_at: datetime
    last_success_at: datetime | None
    day: Runs
    hour: Runs
    running: bool = False
    consecutive_failures: int = 0
    pending_conflicts: int = 0

    def stored(self) -> dict[str, Any]:
        """As JSON, with the rates beside it, so that SQL can draw a history."""
        values = asdict(self)
        stored = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}
        rates = {"success": self.day.success_rate, "response": self.day.response_ms, "error": self.hour.error_rate}
        return {**stored, "rates": rates}

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> Figures:
        known = {one.name: stored[one.name] for one in fields(cls) if one.name in stored}
        for name in ("at", "created_at", "last_success_at"):
            known[name] = datetime.fromisoformat(known[name]) if known[name] else None
        known["day"], known["hour"] = Runs(**known["day"]), Runs(**known["hour"])
        return cls(**known)


def gather(integrations: Sequence[Integration], now: datetime) -> dict[UUID, Figures]:
    """By integration id."""
    ids = [one.pk for one in integrations]
    day, hour = runs_since(ids, now - DAY), runs_since(ids, now - HOUR)
    failures, (conflicts, running) = consecutive_failures(ids), _waiting(ids, now)
    return {
        one.pk: Figures(
            at=now,
            status=one.status,
            frequency=one.sync_frequency,
            created_at=one.created_at,
            last_success_at=one.last_success_at,
            day=day.get(one.pk, Runs()),
            hour=hour.get(one.pk, Runs()),
            running=one.pk in running,
            consecutive_failures=failures.get(one.pk, 0),
            pending_conflicts=conflicts.get(one.pk, 0),
        )
        for one in integrations
    }


# The last run is part of the window even if it is older: an integration that syncs once a day has an error rate
# all day long, and an alert about it does not end because an hour passed without a run. UNION drops the row that
# both halves find; each half reads the index (integration, -started_at).
_RUNS = """
SELECT wanted.id, count(run.id), count(run.id) FILTER (WHERE run.status = 'FAILED'),
    coalesce(sum(run.total_records + run.pushed), 0), coalesce(sum(run.error_count), 0),
    coalesce(sum(run.calls), 0), coalesce(sum(run.call_ms), 0)
FROM unnest(%(ids)s::uuid[]) AS wanted (id)
LEFT JOIN LATERAL (
    (SELECT {columns} FROM integrations_jobexecution WHERE integration_id = wanted.id
        AND status IN ('COMPLETED', 'FAILED') AND started_at >= %(since)s)
    UNION
    (SELECT {columns} FROM integrations_jobexecution WHERE integration_id = wanted.id
        AND status IN ('COMPLETED', 'FAILED') ORDER BY started_at DESC LIMIT 1)
) AS run ON true
GROUP BY wanted.id
""".format(
    columns="id, status, total_records, error_count, coalesce((counters ->> 'pushed')::bigint, 0) AS pushed, "
    "coalesce((counters ->> 'api_calls')::bigint, 0) AS calls, coalesce((counters ->> 'api_ms')::bigint, 0) AS call_ms"
)


def runs_since(ids: Iterable[UUID], since: datetime) -> dict[UUID, Runs]:
    """Finished runs that started after that moment, or the last one where there was none."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, {"ids": list(ids), "since": since})
        return {pk: Runs(*map(int, counted)) for pk, *counted in cursor.fetchall()}


_FAILURES = """
SELECT wanted.id, count(failed.id)
FROM unnest(%(ids)s::uuid[]) AS wanted (id)
LEFT JOIN LATERAL (SELECT started_at FROM integrations_jobexecution WHERE integration_id = wanted.id
    AND status = 'COMPLETED' ORDER BY started_at DESC LIMIT 1) AS good ON true
JOIN LATERAL (SELECT id FROM integrations_jobexecution WHERE integration_id = wanted.id AND status = 'FAILED'
    AND started_at > coalesce(good.started_at, '-infinity') ORDER BY started_at DESC LIMIT 1000) AS failed ON true
GROUP BY wanted.id
"""


def consecutive_failures(ids: Iterable[UUID]) -> dict[UUID, int]:
    """Failed runs since the last one that went through; at most 1,000 are counted."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILURES, {"ids": list(ids)})
        return {pk: int(number) for pk, number in cursor.fetchall()}


def _waiting(ids: Sequence[UUID], now: datetime) -> tuple[dict[UUID, int], set[UUID]]:
    """Open conflicts, and who is syncing right now under a lease that has not run out."""
    open_cases = (
        Integration.objects.filter(pk__in=ids, conflicts__status="PENDING")
        .values_list("pk")
        .annotate(number=Count("conflicts"))
        .order_by()
    )
    running = JobExecution.objects.filter(
        Q(lease_until=None) | Q(lease_until__gt=now), integration__in=ids, status=JobStatus.RUNNING
    )
    return dict(open_cases), set(running.values_list("integration_id", flat=True))
