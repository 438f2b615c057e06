"""Celery's doors into health, alerts and messages: ten lines each, calling services. They run in the queue `notify`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="integrations.check_health")
def check_health() -> int:
    """Measures every integration and judges the alert rules. Meant for every five minutes."""
    from integrations.health import check_all

    return check_all(timezone.now())


@shared_task(name="integrations.check_one")
def check_one(integration_id: str) -> None:
    """Measures one right now, because something happened to it."""
    from integrations.health import check
    from integrations.models import Integration

    integration = Integration.objects.filter(pk=integration_id).first()
    if integration is not None:
        check(integration, timezone.now())


@shared_task(name="integrations.deliver_notifications")
def deliver_notifications() -> int:
    """Sends messages that are due. Meant for every minute, and called when one is written down."""
    from integrations.notify.delivery import deliver_due

    return deliver_due(timezone.now)
