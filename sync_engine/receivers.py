"""What the engine hears: a local change was committed, a run has ended, an integration may run again."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from integrations.enums import RUNNABLE, IntegrationStatus
from integrations.models import Integration
from integrations.signals import integration_status_changed, run_finished, type_mapped
from records.signals import local_change_written
from sync_engine import log_lines

logger = logging.getLogger(__name__)


@receiver(local_change_written, dispatch_uid="sync_engine.push_soon")
def push_soon(sender: Any, **_news: Any) -> None:
    """Real-time push after commit. The change is safe in the outbox: if the broker is away, the next
    scheduled drain finds it, so a failure here is only noted."""
    if not settings.PUSH_IN_REAL_TIME:
        return
    from kombu.exceptions import OperationalError

    from sync_engine.tasks import drain

    try:
        drain.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; the change is pushed by the next scheduled drain: %s", error)


@receiver(integration_status_changed, dispatch_uid="sync_engine.go_on")
def go_on(sender: Any, integration: Integration, before: str, after: str, **_news: Any) -> None:
    """Re-enabled by a person: it goes on at its checkpoint now, not at its next turn. A run that has just proved that
    all is well again needs no other after it."""
    if before in RUNNABLE or after != IntegrationStatus.ACTIVE or _went_through(integration):
        return
    from sync_engine.running.schedule import go_on

    go_on(integration)


def _went_through(integration: Integration) -> bool:
    good, bad = integration.last_success_at, integration.last_error_at
    return good is not None and bad is not None and good > bad


@receiver(run_finished, dispatch_uid="sync_engine.log_run")
def log_run(sender: Any, run: Any, **_news: Any) -> None:
    log_lines.run_ended(run)


@receiver(type_mapped, dispatch_uid="sync_engine.look_first")
def look_first(sender: Any, integration: Integration, resource_type: str, **_news: Any) -> None:
    """In the transaction that maps it, so that no run finds the type without its look."""
    from sync_engine.running import added_types

    added_types.added(integration, resource_type)
