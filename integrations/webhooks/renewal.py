"""Registrations at providers are kept alive: renewed before they end, tried again where they could not be made."""

from __future__ import annotations

import logging
from datetime import timedelta

from connectors.base.errors import ConnectorError
from connectors.base.ports import Clock
from integrations.connect import connect
from integrations.enums import RUNNABLE, SyncFrequency
from integrations.models import Integration
from integrations.webhooks import registration

logger = logging.getLogger(__name__)
AHEAD = timedelta(hours=24)
"""How long before its end a registration is renewed; tried every hour, there are many chances."""


def renew_due(clock: Clock) -> int:
    """Returns how many registrations were made or renewed. One that fails is tried again by the next call."""
    return sum(_kept_alive(one, clock) for one in Integration.objects.filter(status__in=RUNNABLE).iterator())


def _kept_alive(integration: Integration, clock: Clock) -> bool:
    end = registration.ends(integration)
    known = bool(integration.webhook_secret.get("subscription"))
    if known and (end is None or end > clock.now() + AHEAD):
        return False
    if not known and integration.sync_frequency != SyncFrequency.REALTIME:
        return False
    try:
        if not registration.can_subscribe(connect(integration, clock=clock)):
            return False
        registration.renew(integration, clock=clock)
    except ConnectorError as error:
        logger.warning("No webhook at the provider of '%s': %s", integration.name, error.message)
        return False
    return True
