"""What follows when somebody has signed in at a provider."""

from __future__ import annotations

from django.db import transaction

from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution
from sync_engine.api import hooking, starting
from sync_engine.running.schedule import RUNNABLE


def signed_in(integration: Integration, who: str, *, as_plan: bool) -> JobExecution | None:
    """The first sign-in starts the first sync, with `as_plan` as a plan that a person approves, and registers the
    webhook; a later one goes on where the runs stopped. A paused integration stays paused, and a plan that waits for
    its approval goes on waiting. Returns the run, None where there is none."""
    if integration.status not in RUNNABLE:
        return None
    if integration.last_sync_at is not None:
        with transaction.atomic():
            return starting.start(integration, cause=f"signed in by {who}")
    if integration.job_executions.filter(status__in=(JobStatus.PENDING, JobStatus.AWAITING_APPROVAL)).exists():
        return None
    with transaction.atomic():
        run = starting.start(
            integration, cause="first sync", job_type=JobType.INITIAL_IMPORT, full=True, dry_run=as_plan
        )
    if not integration.webhook_secret.get("subscription"):
        hooking.hook_up(integration)
    return run
