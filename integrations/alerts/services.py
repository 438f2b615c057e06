"""What people do with alerts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from integrations.models import Alert


class NotOpen(ValueError):
    """There is nothing to acknowledge; the message says why."""


@transaction.atomic
def acknowledge(alert: Alert, who: str, now: datetime) -> Alert:
    """Somebody is at it: nobody is told of it again, and it resolves when its condition ends. Raises `NotOpen`."""
    held = Alert.objects.select_for_update().get(pk=alert.pk)
    if held.status == Alert.Status.RESOLVED:
        raise NotOpen("This alert has resolved itself already; there is nothing to acknowledge.")
    if held.status == Alert.Status.OPEN:
        held.status, held.acknowledged_at, held.acknowledged_by = Alert.Status.ACKNOWLEDGED, now, who
        held.save(update_fields=["status", "acknowledged_at", "acknowledged_by"])
    return held
