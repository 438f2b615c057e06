"""Registering our address at the provider, and taking it away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from connectors.base.capabilities import Listens
from connectors.base.connector import Connector
from connectors.base.errors import ConfigError
from connectors.base.ports import Clock
from integrations.connect import connect
from integrations.models import Integration
from integrations.webhooks.secrets import OVERLAP, change, new_secret, rotate_secret

WINDOW = timedelta(minutes=2)
"""How long a registration waits for the provider's handshake. Outside of it nobody's handshake is answered."""


def target(integration: Integration) -> str:
    """The address that providers call."""
    return settings.WEBHOOK_BASE_URL.rstrip("/") + integration.webhook_endpoint


def can_subscribe(connector: Connector) -> bool:
    """Whether the provider's API registers webhooks; where not, a person enters address and secret there."""
    return isinstance(connector, Listens) and type(connector).subscribe is not Listens.subscribe


def renew(
    integration: Integration, *, clock: Clock, fresh: bool = False, overlap: timedelta = OVERLAP
) -> dict[str, Any]:
    """Registers anew and takes the old registration away, in this order, so that nothing is missed; what comes twice
    is known again. `fresh` = under a new secret, while the one before stays valid for `overlap`. Raises as
    `subscribe`."""
    connector = connect(integration, clock=clock)
    old = integration.webhook_secret.get("subscription")
    if fresh:
        rotate_secret(integration, overlap, now=clock.now())
    made = subscribe(integration, clock=clock, connector=connector, spare=fresh)
    if old and isinstance(connector, Listens):
        connector.unsubscribe(old)
    return made


def ends(integration: Integration) -> datetime | None:
    """When the registration ends by itself, where the provider said so."""
    stamp = (integration.webhook_secret.get("subscription") or {}).get("expires_at")
    return datetime.fromisoformat(str(stamp)) if stamp else None


def subscribe(
    integration: Integration, *, clock: Clock, connector: Connector | None = None, spare: bool = False
) -> dict[str, Any]:
    """Registers at the provider, which may call us while it does. Returns the subscription as it is kept. The
    secret is the provider's where it chooses one; then ours is forgotten if it is `spare`. Raises `ConfigError` where
    there is no way to register, and what the provider answers as `ConnectorError`. Must not run inside a transaction:
    the handshake comes to another worker."""
    connector = connector or connect(integration, clock=clock)
    if not isinstance(connector, Listens) or not can_subscribe(connector):
        raise ConfigError(f"{connector.label} takes no registration. Enter the address and the secret there by hand.")
    ours = integration.webhook_secret.get("current") or new_secret()
    until = (clock.now() + WINDOW).isoformat()
    change(integration, lambda stored: {**stored, "pending": until})
    try:
        made = connector.subscribe(target(integration), ours)
    finally:
        change(integration, lambda stored: {name: value for name, value in stored.items() if name != "pending"})
    _keep(integration, dict(made), ours, clock, spare)
    return {name: value for name, value in made.items() if name != "secret"}


def _keep(integration: Integration, made: dict[str, Any], ours: str, clock: Clock, spare: bool) -> None:
    secret = str(made.pop("secret", "") or ours)
    if secret != ours and spare:
        change(integration, lambda stored: {**stored, "current": secret, "subscription": made})
        return
    if secret != integration.webhook_secret.get("current"):
        rotate_secret(integration, now=clock.now(), secret=secret)
    change(integration, lambda stored: {**stored, "subscription": made})


def unsubscribe(
    integration: Integration, *, clock: Clock, connector: Connector | None = None, awaited: bool = False
) -> bool:
    """Takes the registration away; False if there was none. Raises `ConnectorError`."""
    subscription = integration.webhook_secret.get("subscription")
    if not subscription:
        return False
    connector = connector or connect(integration, clock=clock, awaited=awaited)
    if isinstance(connector, Listens):
        connector.unsubscribe(subscription)
    change(integration, lambda stored: {name: value for name, value in stored.items() if name != "subscription"})
    return True
