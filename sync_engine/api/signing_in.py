"""What follows when somebody has signed in at a provider."""

from __future__ import annotations

from django.db import transaction

from integrations.enums import JobType
from integrations.models import Integration
from sync_engine.api import hooking, starting
from sync_engine.schedule import RUNNABLE


def signed_in(integration: Integration, who: str) -> None:
    """The first sign-in starts the first sync and registers the webhook; a later one goes on where the runs
    stopped. A paused integration stays paused."""
    if integration.status not in RUNNABLE:
        return
    first = not integration.job_executions.exists()
    with transaction.atomic():
        if first:
            starting.start(integration, cause="first sync", job_type=JobType.INITIAL_IMPORT, full=True)
        else:
            starting.start(integration, cause=f"signed in by {who}")
    if first and not integration.webhook_secret.get("subscription"):
        hooking.hook_up(integration)
