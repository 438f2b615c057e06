"""The demo's jobs: twenty, in every state, kept on the board "Active Jobs"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from integrations.models import Integration
from jobs_boards.services import active_jobs_board
from jobs_boards.statuses import SEEDS
from records import catalog, services
from records.models import Organization
from records.origins import Origin
from records.values import plain_datetime
from sync_engine.jobs.boards import connect_board
from sync_engine.ports import ports

COUNT = 20
ANN = Origin("user", "demo", "ann")
STREETS = ("Elm Street", "Harbour Road", "Mill Lane", "Station Road", "Church Hill")
WORK = ("Attic insulation", "Roof ventilation", "Crawl space sealing", "Air sealing", "Vapour barrier")
FIELDS = ("title", "number", "status", "addressLine1", "city", "scheduledStart", "scheduledEnd", "contractAmount")


def stage_jobs(organization: Organization) -> Integration:
    """Jobs without outbox rows, so that nothing is pushed before the first sync has been shown as a plan."""
    rows = [(pk, _job(number)) for number, pk in enumerate(ports().ids.many(COUNT))]
    kind, now = catalog.get("job"), ports().clock.now()
    services.bulk_create(kind, str(organization.pk), FIELDS, rows, origin=ANN, now=now, announce=False)
    return connect_board(active_jobs_board(organization), conflict_strategy="LATEST_WINS")


def _job(number: int) -> tuple[Any, ...]:
    start = ports().clock.now().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=number - 5)
    status = SEEDS[number % len(SEEDS)].name
    place = f"{3 * number + 2} {STREETS[number % len(STREETS)]}"
    return (
        f"{WORK[number % len(WORK)]}, {place}",
        f"J-{1000 + number}",
        status,
        place,
        "Harbour Town",
        plain_datetime(start),
        plain_datetime(start + timedelta(hours=6)),
        str(1800 + 150 * number),
    )
