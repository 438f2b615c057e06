"""Health, measured and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from integrations.enums import IntegrationStatus
from integrations.health.figures import Figures, gather
from integrations.health.score import Health, assess
from integrations.models import HealthSnapshot, Integration

BATCH = 500
"""Integrations that are measured together."""


def check_all(now: datetime) -> int:
    """Measures every integration that is not disabled and judges the alert rules; how many. Beat calls it every
    five minutes."""
    return sum(len(_checked(batch, now)) for batch in _batches())


def check(integration: Integration, now: datetime) -> Health:
    """Measures one right now, for whoever asks, and judges its alert rules."""
    return _checked([integration], now)[integration.pk]


def latest(integrations: Sequence[Integration], now: datetime) -> dict[UUID, Health]:
    """As last measured, by integration id; what was never measured is measured (and not kept)."""
    known = {one.integration_id: assess(Figures.restored(one.figures)) for one in _newest(integrations)}
    missing = [one for one in integrations if one.pk not in known]
    return known | {pk: assess(found) for pk, found in (gather(missing, now) if missing else {}).items()}


def _newest(integrations: Sequence[Integration]) -> QuerySet[HealthSnapshot]:
    """The last one of each: one step into the index per integration, however long its history is."""
    of_each = HealthSnapshot.objects.filter(integration=OuterRef("pk")).order_by("-taken_at").values("pk")[:1]
    wanted = Integration.objects.filter(pk__in=[one.pk for one in integrations]).order_by()
    return HealthSnapshot.objects.filter(pk__in=list(wanted.values_list(Subquery(of_each), flat=True)))


def _checked(integrations: Sequence[Integration], now: datetime) -> dict[UUID, Health]:
    from integrations.alerts.watch import watch  # alerts are made of health, so they come after it

    found = {pk: assess(figures) for pk, figures in gather(integrations, now).items()}
    HealthSnapshot.objects.bulk_create(
        HealthSnapshot(
            integration_id=pk, taken_at=now, status=one.status, score=one.score, figures=one.figures.stored()
        )
        for pk, one in found.items()
    )
    watch(integrations, found, now)
    return found


def _batches() -> Iterator[list[Integration]]:
    """By keyset, credentials left where they are."""
    chosen = Integration.objects.exclude(status=IntegrationStatus.DISABLED)
    chosen = chosen.defer("credentials", "webhook_secret", "settings").select_related("organization").order_by("pk")
    batch = list(chosen[:BATCH])
    while batch:
        yield batch
        batch = list(chosen.filter(pk__gt=batch[-1].pk)[:BATCH])
