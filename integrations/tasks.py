"""Celery's doors into health and alerts: ten lines each, calling services."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="integrations.check_health")
def check_health() -> int:
    """Measures every integration. Meant for every five minutes."""
    from integrations.health import check_all

    return check_all(timezone.now())
