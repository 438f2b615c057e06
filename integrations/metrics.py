"""R1's dashboard metrics: of an organization now, of its jobs, and of each integration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Avg, Count, F, Q, QuerySet

from integrations.enums import RUNNABLE, JobStatus
from integrations.health.figures import Runs, runs_since
from integrations.models import Integration, JobExecution, RunTotals
from records.models import Organization

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FINISHED = (JobStatus.COMPLETED, JobStatus.FAILED)
LISTED = 10


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Of an organization, right now. Rates in percent, None where nothing finished; durations in milliseconds.
    Plans and cancelled runs are no syncs; an integration that is degraded still syncs, so it is active."""

    active_integrations: int
    syncs_in_progress: int
    success_rate_last_hour: float | None
    success_rate_last_24_hours: float | None
    average_sync_duration: float | None
    pending_conflicts: int
    failed_syncs: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """What runs and what comes; `recent` are those that ended in the last 24 hours, the newest first. The rates
    (percent) and the mean (milliseconds) are of all of them, not only of those listed."""

    running: Sequence[JobExecution]
    scheduled: Sequence[JobExecution]
    recent: Sequence[JobExecution]
    success_rate: float | None
    failure_rate: float | None
    average_execution_time: float | None
    longest_running: Sequence[JobExecution]


@dataclass(frozen=True, slots=True)
class IntegrationMetrics:
    """One integration since it was made; the mean time of an answer (milliseconds) is of the last 24 hours."""

    integration: Integration
    total_syncs: int
    success_rate: float | None
    average_response_time: float | None
    total_records_synced: int
    conflicts_resolved: int
    pending_conflicts: int


def dashboard(organization: Organization, now: datetime) -> Dashboard:
    """Three queries."""
    mine = Integration.objects.filter(organization=organization)
    runs = _since(organization, now - DAY).aggregate(
        total=Count("id"),
        good=Count("id", filter=Q(status=JobStatus.COMPLETED)),
        total_hour=Count("id", filter=Q(started_at__gte=now - HOUR)),
        good_hour=Count("id", filter=Q(started_at__gte=now - HOUR, status=JobStatus.COMPLETED)),
        mean=Avg("duration_ms", filter=Q(status=JobStatus.COMPLETED)),
    )
    return Dashboard(
        active_integrations=mine.filter(status__in=RUNNABLE).count(),
        syncs_in_progress=_running(organization, now).count(),
        success_rate_last_hour=_percent(runs["good_hour"], runs["total_hour"]),
        success_rate_last_24_hours=_percent(runs["good"], runs["total"]),
        average_sync_duration=_rounded(runs["mean"]),
        pending_conflicts=mine.filter(conflicts__status="PENDING").aggregate(number=Count("conflicts"))["number"],
        failed_syncs=runs["total"] - runs["good"],
    )


def jobs(organization: Organization, now: datetime, listed: int = LISTED) -> Jobs:
    """Five queries."""
    runs = JobExecution.objects.filter(integration__organization=organization).select_related("integration")
    recent = _since(organization, now - DAY).select_related("integration")
    totals = recent.aggregate(
        total=Count("id"), good=Count("id", filter=Q(status=JobStatus.COMPLETED)), mean=Avg("duration_ms")
    )
    return Jobs(
        running=list(_running(organization, now).select_related("integration").order_by("started_at")[:listed]),
        scheduled=list(
            runs.filter(status=JobStatus.PENDING).order_by(F("scheduled_for").asc(nulls_first=True), "id")[:listed]
        ),
        recent=list(recent.order_by("-started_at")[:listed]),
        success_rate=_percent(totals["good"], totals["total"]),
        failure_rate=_percent(totals["total"] - totals["good"], totals["total"]),
        average_execution_time=_rounded(totals["mean"]),
        longest_running=list(recent.order_by(F("duration_ms").desc(nulls_last=True))[:5]),
    )


def of_integrations(integrations: Sequence[Integration], now: datetime) -> list[IntegrationMetrics]:
    """In the order given, three queries for any number of them."""
    ids = [one.pk for one in integrations]
    runs, answers, cases = RunTotals.objects.in_bulk(ids), runs_since(ids, now - DAY), _cases(ids)
    return [_of(one, runs.get(one.pk) or RunTotals(), answers[one.pk], cases.get(one.pk, {})) for one in integrations]


def _of(one: Integration, runs: RunTotals, answers: Runs, cases: dict[str, int]) -> IntegrationMetrics:
    return IntegrationMetrics(
        integration=one,
        total_syncs=runs.total,
        success_rate=_percent(runs.good, runs.total),
        average_response_time=_rounded(answers.response_ms),
        total_records_synced=runs.records,
        conflicts_resolved=cases.get("RESOLVED", 0) + cases.get("AUTO_RESOLVED", 0),
        pending_conflicts=cases.get("PENDING", 0),
    )


_CASES = """
SELECT integration_id, status, count(*) FROM conflicts_conflictresolution
WHERE integration_id = ANY(%(ids)s) GROUP BY 1, 2
"""


def _cases(ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """By integration and status, out of the index alone. Cases stand in an app above, so they are named by table."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_CASES, {"ids": list(ids)})
        for pk, status, number in cursor.fetchall():
            found[pk][status] = number
    return found


def _since(organization: Organization, moment: datetime) -> QuerySet[JobExecution]:
    """Finished runs that started after that moment."""
    return JobExecution.objects.filter(
        integration__organization=organization, status__in=FINISHED, started_at__gte=moment
    )


def _running(organization: Organization, now: datetime) -> QuerySet[JobExecution]:
    """Under way, in the hands of a worker that is alive."""
    return JobExecution.objects.filter(
        Q(lease_until=None) | Q(lease_until__gt=now),
        integration__organization=organization,
        status=JobStatus.RUNNING,
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 1)
