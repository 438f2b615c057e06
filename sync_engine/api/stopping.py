"""Cancelling a run: one that waits never starts, or goes on; one that is under way loses its leases and stops at
its next write."""

from __future__ import annotations

from django.db import transaction

from conflicts.models import BulkDecision
from integrations.enums import RUNNABLE, IntegrationStatus, JobStatus, JobType
from integrations.models import JobExecution, SyncCursor
from sync_engine.ports import ports
from sync_engine.review import bulk
from sync_engine.running import first_sync


class AlreadyOver(Exception):
    """There is nothing left to cancel."""


def cancel(run: JobExecution, who: str) -> str:
    """Returns the status. What the run has written so far stays, and is in its log. Who discards the plan of a first
    sync pauses the integration; one of added types leaves these out. Raises `AlreadyOver`."""
    with transaction.atomic():
        held = JobExecution.objects.select_for_update().get(pk=run.pk)
        if first_sync.stopped().filter(pk=held.pk).exists():
            _pause(held)
        if held.status in (JobStatus.PENDING, JobStatus.AWAITING_APPROVAL):
            held.status, held.completed_at = JobStatus.CANCELLED, ports().clock.now()
            held.error_message = f"Cancelled by {who}."
            held.save(update_fields=["status", "completed_at", "error_message"])
            _free(held)
        elif held.job_type == JobType.DECISIONS and held.status == JobStatus.RUNNING:
            for decision in BulkDecision.objects.filter(run=held):
                bulk.cancel(decision)
            held.refresh_from_db()
        elif held.status == JobStatus.RUNNING:
            # Without its name on the run a worker neither hands over nor goes on to the next type.
            held.lease_owner, held.error_message = "", f"Cancelled by {who}."
            held.save(update_fields=["lease_owner", "error_message"])
            _free(held)
        else:
            raise AlreadyOver(f"This run is {held.status.lower()}; there is nothing to cancel.")
    return str(held.status)


def _pause(run: JobExecution) -> None:
    """Who does not want the first sync as planned does not want it to start by itself either."""
    if run.integration is not None and run.integration.status in RUNNABLE:
        run.integration.status = IntegrationStatus.PAUSED
        run.integration.save(update_fields=["status", "updated_at"])


def _free(run: JobExecution) -> None:
    """The worker's name on a lease ends with the run's id; without its lease no transaction of it commits."""
    SyncCursor.objects.filter(integration=run.integration, lease_owner__endswith=f":{run.pk}").update(
        lease_owner="", lease_until=None
    )
