"""R1's figures of integrations, four queries for any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from conflicts.models import ConflictResolution
from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution, RunTotals

FINISHED = (JobStatus.COMPLETED, JobStatus.FAILED)


def attach(integrations: Sequence[Integration]) -> Sequence[Integration]:
    """Gives each its `stats`, and the `retry` that it waits for."""
    ids = [one.pk for one in integrations]
    runs = RunTotals.objects.in_bulk(ids)
    errors = _last_errors(ids)
    waiting = dict(
        ConflictResolution.objects.filter(integration__in=ids, status="PENDING")
        .values_list("integration")
        .annotate(number=Count("id"))
        .order_by()
    )
    retries = _retries(ids)
    for one in integrations:
        known = runs.get(one.pk) or RunTotals()
        stats = {
            "total_syncs": known.total,
            "success_rate": round(100 * known.good / known.total, 1) if known.total else None,
            "pending_conflicts": waiting.get(one.pk, 0),
            "last_error_count": errors.get(one.pk, 0),
        }
        vars(one)["stats"], vars(one)["retry"] = stats, retries.get(one.pk)
    return integrations


def _last_errors(ids: Sequence[Any]) -> dict[Any, int]:
    """Of the last finished run of each: one step into the index of its runs, however many there are."""
    finished = JobExecution.objects.filter(integration=OuterRef("pk"), status__in=FINISHED).order_by("-started_at")
    each = Integration.objects.filter(pk__in=ids).order_by().annotate(last=Subquery(finished.values("error_count")[:1]))
    return {pk: errors or 0 for pk, errors in each.values_list("pk", "last")}


def _retries(ids: Sequence[Any]) -> dict[Any, JobExecution]:
    waiting = JobExecution.objects.filter(integration__in=ids, status=JobStatus.PENDING, job_type=JobType.RETRY)
    return {run.integration_id: run for run in waiting.order_by("-scheduled_for")}
