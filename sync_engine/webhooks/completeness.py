"""How much of what happens at the provider webhooks tell, measured by what listings find on their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum

from integrations.enums import SyncDirection
from integrations.models import Integration, SyncLog, WebhookDelivery
from sync_engine.ports import ports
from sync_engine.webhooks.run import CAUSE

WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Completeness:
    """`deliveries` accepted and `events` in them; changes here that were `heard` by webhook, and those that only a
    listing `found`."""

    deliveries: int
    events: int
    repeats: int
    heard: int
    found: int

    @property
    def share(self) -> float | None:
        """Of the changes, those that a webhook told; None where nothing changed."""
        total = self.heard + self.found
        return self.heard / total if total else None


def completeness(integration: Integration, window: timedelta = WINDOW) -> Completeness:
    """Counts since `window` ago. A first sync counts as found, so a window that holds one says little."""
    since = ports().clock.now() - window
    accepted = WebhookDelivery.objects.filter(
        integration=integration, verdict=WebhookDelivery.Verdict.ACCEPTED, received_at__gte=since
    ).aggregate(count=Count("id"), events=Sum("event_count"), repeats=Sum("repeats"))
    changes = SyncLog.objects.filter(
        integration=integration, direction=SyncDirection.EXTERNAL_TO_LOCAL, created_at__gte=since
    ).aggregate(heard=Count("id", filter=Q(cause=CAUSE)), found=Count("id", filter=~Q(cause=CAUSE)))
    return Completeness(
        accepted["count"], accepted["events"] or 0, accepted["repeats"] or 0, changes["heard"], changes["found"]
    )
