"""Removing an integration, and what goes with it. The records themselves stay, on both sides."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connectors.base.errors import ConnectorError
from connectors.base.ports import Clock
from integrations.enums import JobStatus
from integrations.models import Integration
from integrations.oauth import grants
from integrations.webhooks import registration

logger = logging.getLogger(__name__)


class StillRunning(Exception):
    """A run is under way; what it writes would belong to nothing."""


@dataclass(frozen=True, slots=True)
class Losses:
    """How many rows of each go with it."""

    links: int
    logs: int
    conflicts: int
    undecided: int
    runs: int
    pending: int
    webhook: bool | None = None
    """Whether the provider was told to call us no more; None where it did not call."""


def losses(integration: Integration, most: int | None = None) -> Losses:
    """What would be lost. With `most`, no number is counted further than that, so that a page stays quick."""
    conflicts: QuerySet[Any] = integration.conflicts.all()
    return Losses(
        links=_count(integration.mappings.all(), most),
        logs=_count(integration.sync_logs.all(), most),
        conflicts=_count(conflicts, most),
        undecided=_count(conflicts.filter(status="PENDING"), most),
        runs=_count(integration.job_executions.all(), most),
        pending=_count(integration.pending.all(), most),
    )


def _count(rows: QuerySet[Any], most: int | None) -> int:
    plain = rows.order_by()
    return plain.count() if most is None else plain[:most].count()


def remove(integration: Integration, clock: Clock) -> Losses:
    """Deletes it with its links, logs, runs and conflicts, and its webhook and sign-in at the provider. Returns what
    went. Raises `StillRunning`. Call it outside of a transaction: the provider is called."""
    _assert_at_rest(integration, clock)
    webhook = _unsubscribed(integration, clock)
    grants.give_back(integration, clock)
    with transaction.atomic():
        _assert_at_rest(integration, clock)
        gone = losses(integration)
        integration.delete()
    return replace(gone, webhook=webhook)


def _assert_at_rest(integration: Integration, clock: Clock) -> None:
    if integration.job_executions.filter(status=JobStatus.RUNNING, lease_until__gt=clock.now()).exists():
        raise StillRunning("A run is under way. Cancel it or wait for its end, then delete.")


def _unsubscribed(integration: Integration, clock: Clock) -> bool | None:
    """A provider that does not answer is no reason to keep the integration: what it sends is answered 404."""
    try:
        return registration.unsubscribe(integration, clock=clock, awaited=True) or None
    except ConnectorError as error:
        logger.warning("The webhook of '%s' is still registered there: %s", integration.name, error.message)
        return False
