"""Works on a kept delivery once more: its records are read again, so an old one does no harm."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from connectors.base.errors import ConfigError
from connectors.base.http import HttpRequest
from connectors.base.webhooks import WebhookError
from integrations.models import WebhookDelivery
from integrations.webhooks import deliveries
from integrations.webhooks.listener import Listener
from integrations.webhooks.registration import target
from sync_engine.ports import ports
from sync_engine.webhooks.announce import announce

Verdict = WebhookDelivery.Verdict
KEPT = (Verdict.ACCEPTED, Verdict.INACTIVE, Verdict.BAD_PAYLOAD)


class ReplayRefused(ValueError):
    """The delivery cannot be worked on again; the message says why."""


def replay(delivery: WebhookDelivery) -> int:
    """Queues the records that the delivery speaks of and calls a worker. Returns how many. Raises `ReplayRefused`."""
    integration = delivery.integration
    if delivery.verdict not in KEPT:
        raise ReplayRefused("This delivery was not genuine, so its content was not kept.")
    call = HttpRequest(delivery.method, target(integration), delivery.headers, bytes(delivery.body))
    try:
        events = Listener(integration, ports().clock).events(call)
    except (WebhookError, ConfigError) as problem:
        raise ReplayRefused(f"It cannot be read: {problem.message}") from problem
    with transaction.atomic():
        queued = deliveries.requeue(integration.pk, events, ports().clock.now())
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            status=WebhookDelivery.Status.QUEUED if queued else WebhookDelivery.Status.IGNORED,
            processed_at=None,
            event_count=len(events),
            replays=F("replays") + 1,
        )
    announce(integration)
    return len(queued)
