"""Runs that people ask for and plans that they approve, by the API and by the console."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from integrations.enums import IntegrationStatus, JobStatus
from integrations.models import Integration, JobExecution
from sync_engine.api import starting
from sync_engine.running import added_types, first_sync
from sync_engine.running.runs import Options

STOPPED = (IntegrationStatus.PAUSED, IntegrationStatus.DISABLED)


class Stopped(Exception):
    """The integration is paused or disabled, or its first sync waits for approval."""


class NothingToApply(Exception):
    """The run does not wait for approval, or does not wait any more."""


def ask(integration: Integration, **options: Any) -> JobExecution:
    """Files a run and queues it (`starting.start`). Raises `Stopped`."""
    if integration.status in STOPPED:
        raise Stopped(f"'{integration.name}' is {integration.status.lower()}. Set it to ACTIVE to sync.")
    if (
        not options.get("dry_run")
        and not options.get("plan")
        and (waits := first_sync.sentence(integration, options.get("resource_types", ())))
    ):
        raise Stopped(waits)
    with transaction.atomic():
        if not options.get("resource_types") and not options.get("plan"):
            added_types.look_again(integration, by_hand=True)
        return starting.start(integration, **options)


def approve(run: JobExecution, who: str) -> JobExecution:
    """The run that carries out what `run` waits with: the steps of a plan, or deletes that were asked about. Of two
    people who approve at once the second is told. Raises `NothingToApply`, `Stopped`."""
    with transaction.atomic():
        held = JobExecution.objects.select_for_update().get(pk=run.pk)
        if held.status != JobStatus.AWAITING_APPROVAL or held.integration is None:
            raise NothingToApply(f"This run is {held.status.lower()}: there is nothing to apply.")
        asked = Options.restored(held.options)
        plan = str(held.pk) if asked.dry_run else None
        started = ask(
            held.integration,
            cause=f"approved by {who}",
            direction=asked.direction,
            resource_types=list(asked.resource_types),
            items=list(asked.items),
            full=asked.full,
            plan=plan,
            approve_deletes=plan is None or asked.approve_deletes,
        )
        held.status = JobStatus.COMPLETED
        held.save(update_fields=["status"])
    return started
