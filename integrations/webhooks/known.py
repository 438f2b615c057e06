"""What a delivery is judged by, kept in each process for a moment: an integration is not read anew for every call.

What was kept never refuses anybody: whoever would be refused is judged once more by what the database says now, so a
new secret, a longer list of addresses or an integration that was resumed is in force at once. The other way round, an
integration that another process paused, or whose secret was withdrawn there, takes deliveries for up to `KEPT` seconds
more. That is harmless, because taking one only stores it and queues its records to be read again: whoever works on
them reads the integration anew, and so does whoever applies a complete payload at once. Changes saved in this process
are seen at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from connectors.base.ports import Clock
from integrations.models import Integration
from integrations.webhooks.listener import Listener

KEPT = 1.0
"""Seconds."""
# Written out, because building the query would cost as much as running it. Credentials stay where they are.
_FIND = (
    "SELECT id, organization_id, name, type, status, base_url, auth_type, settings, webhook_secret, sync_direction, "
    "conflict_strategy, merge_rules, on_external_delete, on_local_delete FROM integrations_integration WHERE id = %s"
)
JUDGED_BY = ("type", "status", "settings", "webhook_secret")


@dataclass(frozen=True, slots=True)
class Known:
    """Threads share it, so nobody changes the integration. `until` by the clock's monotonic time; `fresh` = read for
    this very call."""

    integration: Integration
    listener: Listener
    clock: Clock
    until: float
    fresh: bool = True

    def still(self, integration: Integration) -> bool:
        """Whether the integration would be judged alike as it stands now."""
        return all(getattr(integration, name) == getattr(self.integration, name) for name in JUDGED_BY)


_kept: dict[UUID, Known] = {}


def kept(pk: UUID, clock: Clock) -> Known | None:
    """Possibly as it was a moment ago; None if there is no such integration."""
    found = _kept.get(pk)
    if found is not None and found.clock is clock and clock.monotonic() < found.until:
        return found
    return read(pk, clock)


def read(pk: UUID, clock: Clock) -> Known | None:
    """As the database has it now, which is then kept."""
    until = clock.monotonic() + KEPT  # of the time before it was read
    integration = next(iter(Integration.objects.raw(_FIND, [pk])), None)
    if integration is None:
        forget(pk)
        return None
    found = Known(integration, Listener(integration, clock), clock, until)
    _kept[pk] = replace(found, fresh=False)
    return found


def forget(pk: Any) -> None:
    """The next call reads it anew."""
    _kept.pop(pk, None)
