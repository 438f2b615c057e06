"""Jobs put on a board for the first time, in this process, against a plain bulk insert of the same items by Django."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.management import call_command

from jobs_boards import services as boards
from jobs_boards.models import Board, Item
from records import catalog, services
from records.models import Organization
from records.origins import SYSTEM
from sync_engine.bench.stage import NAME, clear
from sync_engine.jobs.boards import connect_board
from sync_engine.outward import outbox
from sync_engine.ports import ports
from sync_engine.running import runs

FIELDS = ("title", "number", "status", "addressLine1")
CHUNK = 1_000


@dataclass(frozen=True)
class Figures:
    """Seconds."""

    plain: float
    first: float
    again: float
    updated: float
    changed: float
    """Django's `bulk_update` of the same items, and every job edited and pushed."""


def measure(count: int) -> Figures:
    """`count` jobs; the organization `bench` is made anew and removed."""
    call_command("migrate", verbosity=0, interactive=False)
    clear()
    organization = Organization.objects.create(name=NAME, slug=NAME)
    try:
        return _measured(organization, count)
    finally:
        clear()


def _measured(organization: Organization, count: int) -> Figures:
    board = boards.active_jobs_board(organization)
    integration = connect_board(board)
    ids = ports().ids.many(count)
    rows = [(pk, (f"Attic {n}", f"J-{n}", "In Production", f"{n} Elm Street")) for n, pk in enumerate(ids)]
    services.bulk_create(
        catalog.get("job"), str(organization.pk), FIELDS, rows, origin=SYSTEM, now=ports().clock.now(), announce=False
    )
    plain = _timed(lambda: _inserted(board, rows))
    Item.all_objects.filter(board=board)._raw_delete(using=Item.objects.db)
    first = _timed(lambda: runs.execute(integration, runs.Options()))
    if (made := Item.objects.filter(board=board).count()) != count:
        raise RuntimeError(f"{made} items were made of {count} jobs.")
    again = _timed(lambda: runs.execute(integration, runs.Options()))
    updated = _timed(lambda: _updated(board))
    _edited(organization, ids)
    changed = _timed(lambda: runs.execute(integration, runs.Options(direction="push")))
    if (reached := Item.objects.filter(board=board, name__startswith="Roof").count()) != count:
        raise RuntimeError(f"{reached} items were updated of {count} jobs.")
    return Figures(plain, first, again, updated, changed)


def _edited(organization: Organization, ids: Sequence[str]) -> None:
    """Somebody renames and moves every job."""
    changes = [
        (pk, {"title": f"Roof {n}", "status": "Closed Job", "addressLine1": f"{n} Oak Street"})
        for n, pk in enumerate(ids)
    ]
    services.bulk_update(catalog.get("job"), str(organization.pk), changes, origin=SYSTEM, now=ports().clock.now())
    outbox.distribute()


def _updated(board: Board) -> None:
    """What a programmer would write who needs neither links nor history: the same columns as the push. The values
    stay, because the push must find the items as the sync left them."""
    items = list(Item.objects.filter(board=board))
    Item.objects.bulk_update(items, ["name", "status", "column_values"], batch_size=CHUNK)


def _inserted(board: Board, rows: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """What a programmer would write who needs neither links nor history."""
    items = [
        Item(
            organization_id=board.organization_id,
            board=board,
            name=title,
            status=status,
            job_id=pk,
            column_values={"number": number, "address": address},
        )
        for pk, (title, number, status, address) in rows
    ]
    Item.objects.bulk_create(items, batch_size=CHUNK)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
