"""From one task to the next: a run that is not done when its stint is over is handed over, with its row, its counters
and the lease on the type that it is at.

Between two stints the run is PENDING and due by `OVERDUE`; should the queue lose it, the schedule starts it then.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from integrations.enums import JobStatus
from integrations.models import JobExecution, SyncCursor
from sync_engine.context import Context
from sync_engine.gate import PlanGate
from sync_engine.ports import ports
from sync_engine.running import leases
from sync_engine.running.stint import Stint

LOG = logging.getLogger(__name__)
OVERDUE = timedelta(minutes=10)
"""A filed run that no worker has taken by then (the queue was lost) is started by the schedule."""
WORDS = 50
"""Sentences that a run carries along from stint to stint."""


def bounded() -> Stint:
    """What one task may carry out."""
    return Stint(pages=settings.SYNC_TASK_PAGES, seconds=settings.SYNC_TASK_MINUTES * 60)


def claim(run_id: str, worker: str) -> JobExecution | None:
    """Takes up a filed or handed-over run; None where another worker did, or where it was cancelled."""
    now = ports().clock.now()
    taken = JobExecution.objects.filter(pk=run_id, status=JobStatus.PENDING).update(
        status=JobStatus.RUNNING, scheduled_for=None, lease_owner=worker, lease_until=now + leases.SPAN
    )
    return JobExecution.objects.select_related("integration").get(pk=run_id) if taken else None


def begun(run: JobExecution) -> bool:
    """Has a stint of this run been carried out before?"""
    return "stint" in run.progress


def take_up(ctx: Context, run: JobExecution, lease: str) -> None:
    """Goes on where the last stint left off."""
    stored = run.progress
    ctx.stint.resume(stored)
    ctx.counters.update(stored.get("counters", {}))
    ctx.answers = stored.get("answers", 0)
    ctx.failures, ctx.approvals = list(stored.get("failures", ())), list(stored.get("approvals", ()))
    if isinstance(ctx.gate, PlanGate):
        ctx.gate.filed = stored.get("planned", 0)
    SyncCursor.objects.filter(integration=run.integration, lease_owner=_handed(run)).update(
        lease_owner=lease, lease_until=ctx.now() + leases.SPAN
    )


def hand_over(ctx: Context, run: JobExecution, lease: str, calls: Mapping[str, int]) -> None:
    """Leaves the run to the next task. Raises `leases.LeaseLost` where it was cancelled meanwhile."""
    now = ctx.now()
    with transaction.atomic():
        held = JobExecution.objects.select_for_update().get(pk=run.pk)
        leases.assert_wanted(str(run.pk))
        SyncCursor.objects.filter(integration=run.integration, lease_owner=lease).update(
            lease_owner=_handed(run), lease_until=now + OVERDUE
        )
        held.status, held.scheduled_for = JobStatus.PENDING, now + OVERDUE
        held.lease_owner, held.lease_until = "", None
        held.progress = _stored(ctx, calls)
        held.save(update_fields=["status", "scheduled_for", "lease_owner", "lease_until", "progress"])
    run.refresh_from_db()
    ports().effect("handed over")


def cancelled(run: JobExecution) -> str:
    """Who cancelled the run while it was under way, in a sentence; "" if nobody did."""
    try:
        leases.assert_wanted(str(run.pk))
    except leases.LeaseLost as told:
        return str(told)
    return ""


def _stored(ctx: Context, calls: Mapping[str, int]) -> dict[str, Any]:
    counters = ctx.counters + Counter(calls)
    stored = {
        **ctx.stint.stored(),
        "counters": dict(counters),
        "failures": list(dict.fromkeys(ctx.failures))[:WORDS],
        "approvals": list(dict.fromkeys(ctx.approvals)),
        "answers": ctx.answers,
    }
    return {**stored, "planned": ctx.gate.filed} if isinstance(ctx.gate, PlanGate) else stored


def _handed(run: JobExecution) -> str:
    """The name of a lease between two stints; like every name on a lease it ends with the run's id."""
    return f"handed over:{run.pk}"


def queue(run: JobExecution) -> None:
    """Tells the workers of a run that was filed or handed over."""
    from kombu.exceptions import OperationalError

    from sync_engine import tasks

    try:
        tasks.sync.apply_async(args=[str(run.integration_id), {"run_id": str(run.pk)}], retry=False)
    except OperationalError as error:
        LOG.warning("Run %s waits for the schedule: the queue cannot be reached (%s)", run.pk, error)
