"""Secrets of an integration's webhook, in the encrypted `Integration.webhook_secret`:

current         signs now                  previous_until  stamp up to which `previous` is valid as well
previous        signed until the rotation  pending         stamp until which a registration may shake hands
subscription    what the provider gave for the registration
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from integrations.models import Integration

OVERLAP = timedelta(hours=24)
"""How long the secret before stays valid, unless it is said otherwise."""
BYTES = 32


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64: R1's scheme takes it as text, Standard Webhooks decodes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def active(stored: Mapping[str, Any], now: datetime) -> list[str]:
    """The secrets that may sign at that moment."""
    known = [stored.get("current") or ""]
    if _later(stored.get("previous_until"), now):
        known.append(stored.get("previous") or "")
    return [secret for secret in known if secret]


def pending(stored: Mapping[str, Any], now: datetime) -> bool:
    """Whether a registration waits for its handshake."""
    return _later(stored.get("pending"), now)


def rotate_secret(
    integration: Integration, overlap: timedelta = OVERLAP, *, now: datetime, secret: str | None = None
) -> str:
    """Puts a new secret in force and returns it; the one before stays valid for `overlap`. Also makes the first."""
    fresh = secret or new_secret()

    def changed(stored: dict[str, Any]) -> dict[str, Any]:
        before = stored.get("current")
        kept = {"previous": before, "previous_until": (now + overlap).isoformat()} if before and overlap else {}
        others = {name: value for name, value in stored.items() if name not in ("previous", "previous_until")}
        return {**others, **kept, "current": fresh}

    change(integration, changed)
    return fresh


def change(integration: Integration, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Writes `changed(what is stored)` under a row lock; the given instance holds it afterwards."""
    with transaction.atomic():
        row = Integration.objects.select_for_update().only("pk", "webhook_secret").get(pk=integration.pk)
        row.webhook_secret = changed(dict(row.webhook_secret))  # type: ignore[assignment]
        row.save(update_fields=["webhook_secret"])
    integration.webhook_secret = row.webhook_secret


def _later(stamp: str | None, now: datetime) -> bool:
    return bool(stamp) and datetime.fromisoformat(str(stamp)) > now
