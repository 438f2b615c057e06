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
from sync_engine import runs
from sync_engine.bench.stage import NAME, clear
from sync_engine.boards import connect_board
from sync_engine.ports import ports

FIELDS = ("title", "number", "status", "addressLine1")
CHUNK = 1_000


@dataclass(frozen=True)
class Figures:
    """Seconds."""

    plain: float
    first: float
    again: float


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
    return Figures(plain, first, _timed(lambda: runs.execute(integration, runs.Options())))


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
