"""R1's dashboard metrics: of an organization now, of its jobs, and of each integration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, F, Q, QuerySet, Sum

from integrations.enums import IntegrationStatus, JobStatus
from integrations.health.figures import runs_since
from integrations.models import Integration, JobExecution
from records.models import Organization

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FINISHED = (JobStatus.COMPLETED, JobStatus.FAILED)
LISTED = 10


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Of an organization, right now. Rates in percent, None where nothing finished; durations in milliseconds.
    Plans and cancelled runs are no syncs."""

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
        active_integrations=mine.filter(status=IntegrationStatus.ACTIVE).count(),
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
    runs = _all_runs(ids)
    answers = runs_since(ids, now - DAY)
    cases = {
        row["pk"]: row
        for row in Integration.objects.filter(pk__in=ids)
        .order_by()
        .values("pk")
        .annotate(
            resolved=Count("conflicts", filter=Q(conflicts__status__in=("RESOLVED", "AUTO_RESOLVED"))),
            undecided=Count("conflicts", filter=Q(conflicts__status="PENDING")),
        )
    }
    return [
        IntegrationMetrics(
            integration=one,
            total_syncs=runs.get(one.pk, {}).get("total", 0),
            success_rate=_percent(runs.get(one.pk, {}).get("good", 0), runs.get(one.pk, {}).get("total", 0)),
            average_response_time=_rounded(answers[one.pk].response_ms),
            total_records_synced=runs.get(one.pk, {}).get("records", 0),
            conflicts_resolved=cases[one.pk]["resolved"],
            pending_conflicts=cases[one.pk]["undecided"],
        )
        for one in integrations
    ]


def _all_runs(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    counted = (
        JobExecution.objects.filter(integration__in=ids, status__in=FINISHED)
        .values("integration")
        .annotate(
            total=Count("id"), good=Count("id", filter=Q(status=JobStatus.COMPLETED)), records=Sum("success_count")
        )
        .order_by()
    )
    return {row["integration"]: dict(row) for row in counted}


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
