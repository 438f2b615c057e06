"""The webhook of an integration: registered where the provider takes registrations, its secret rotated."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from connectors.base.errors import ConnectorError
from integrations.connect import connect
from integrations.models import Integration
from integrations.webhooks import registration, secrets
from sync_engine.ports import ports

LOG = logging.getLogger(__name__)


def hook_up(integration: Integration) -> bool:
    """Whether the provider now knows our address. A refusal (our address is often not reachable at first) is no
    reason to lose the integration: it is polled, and the address and the secret can be entered there by hand."""
    clock = ports().clock
    try:
        connector = connect(integration, clock=clock)
        if not registration.can_subscribe(connector):
            return False
        registration.subscribe(integration, clock=clock, connector=connector)
    except ConnectorError as error:
        LOG.warning("No webhook at the provider of '%s': %s", integration.name, error.message)
        return False
    return True


def new_secret(integration: Integration, overlap: timedelta) -> dict[str, Any]:
    """Rotates the secret, at the provider too where it takes registrations. Returns what a person is shown once."""
    clock = ports().clock
    before = integration.webhook_secret.get("current")
    registered = False
    try:
        if registration.can_subscribe(connect(integration, clock=clock)):
            registration.renew(integration, clock=clock, fresh=True, overlap=overlap)
            registered = True
    except ConnectorError as error:
        LOG.warning("No webhook at the provider of '%s': %s", integration.name, error.message)
    if integration.webhook_secret.get("current") == before:
        secrets.rotate_secret(integration, overlap, now=clock.now())
    stored = integration.webhook_secret
    until = stored.get("previous_until")
    return {
        "webhook_endpoint": registration.target(integration),
        "webhook_secret": stored["current"],
        "webhook_registered": registered,
        "previous_valid_until": datetime.fromisoformat(until) if until else None,
    }
