"""The webhook of a new integration: registered where the provider takes registrations."""

from __future__ import annotations

import logging

from connectors.base.errors import ConnectorError
from integrations.connect import connect
from integrations.models import Integration
from integrations.webhooks import registration
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
