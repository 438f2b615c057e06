"""Celery's door into the notices of conflicts. It runs in the queue `notify`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="conflicts.tell")
def tell() -> int:
    """Tells those in charge of conflicts that have come up. Meant for every minute."""
    from conflicts.notices import tell_opened

    return tell_opened(timezone.now())
