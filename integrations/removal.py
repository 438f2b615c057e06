"""Removing an integration, and what goes with it. The records themselves stay, on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from integrations.enums import JobStatus
from integrations.models import Integration


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


def remove(integration: Integration, now: datetime) -> Losses:
    """Deletes it with its links, logs, runs and conflicts. Returns what went. Raises `StillRunning`."""
    with transaction.atomic():
        if integration.job_executions.filter(status=JobStatus.RUNNING, lease_until__gt=now).exists():
            raise StillRunning("A run is under way. Cancel it or wait for its end, then delete.")
        gone = losses(integration)
        integration.delete()
    return gone
