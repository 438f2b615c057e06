"""R1's figures of integrations, five queries for any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from conflicts.models import ConflictResolution
from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution

FINISHED = (JobStatus.COMPLETED, JobStatus.FAILED)


def attach(integrations: Sequence[Integration]) -> Sequence[Integration]:
    """Gives each its `stats`, and the `retry` that it waits for."""
    ids = [one.pk for one in integrations]
    runs = _runs(ids)
    errors = _last_errors(ids)
    waiting = dict(
        ConflictResolution.objects.filter(integration__in=ids, status="PENDING")
        .values_list("integration")
        .annotate(number=Count("id"))
        .order_by()
    )
    retries = _retries(ids)
    for one in integrations:
        total, good = runs.get(one.pk, (0, 0))
        stats = {
            "total_syncs": total,
            "success_rate": round(100 * good / total, 1) if total else None,
            "pending_conflicts": waiting.get(one.pk, 0),
            "last_error_count": errors.get(one.pk, 0),
        }
        vars(one)["stats"], vars(one)["retry"] = stats, retries.get(one.pk)
    return integrations


def _runs(ids: Sequence[Any]) -> dict[Any, tuple[int, int]]:
    counted = (
        JobExecution.objects.filter(integration__in=ids, status__in=FINISHED)
        .values("integration")
        .annotate(total=Count("id"), good=Count("id", filter=Q(status=JobStatus.COMPLETED)))
        .order_by()
    )
    return {row["integration"]: (row["total"], row["good"]) for row in counted}


def _last_errors(ids: Sequence[Any]) -> dict[Any, int]:
    last = (
        JobExecution.objects.filter(integration__in=ids, status__in=FINISHED)
        .order_by("integration", "-started_at")
        .distinct("integration")
    )
    return dict(last.values_list("integration", "error_count"))


def _retries(ids: Sequence[Any]) -> dict[Any, JobExecution]:
    waiting = JobExecution.objects.filter(integration__in=ids, status=JobStatus.PENDING, job_type=JobType.RETRY)
    return {run.integration_id: run for run in waiting.order_by("-scheduled_for")}
