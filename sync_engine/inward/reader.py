"""A reading thread ahead of the writer: the next pages are fetched and mapped while this batch is written."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from connectors.base.records import Page
from integrations.log_context import carried
from sync_engine.inward.mapped import Look, Seen
from sync_engine.ports import ports

AHEAD = 24
"""Pages in flight between provider and database."""
SWITCH = 0.0005
"""Seconds until a thread lets another go on. The writer asks the database a dozen short questions per batch; with
Python's 5 ms it would stand still that long after every answer, and the database with it, while the reader maps."""
BATCH = 2_000
"""Records that are written together."""


@dataclass(slots=True)
class Batch:
    """Pages put together. `continuation` asks for what comes after; `last` = the listing is complete."""

    records: list[Seen] = field(default_factory=list)
    continuation: Any = None
    read_at: datetime | None = None
    pages: int = 0
    last: bool = False


def _never(_pages: int) -> bool:
    return False


class Stretch(NamedTuple):
    """A page whose records are mapped."""

    records: list[Seen]
    continuation: Any
    read_at: datetime | None


def batches(
    pages: Iterable[Page], look: Look, enough: Callable[[int], bool] = _never, threads: bool = True
) -> Iterator[Batch]:
    """Pages in batches of about `BATCH` records; the last one is marked, and may be empty. `enough` is asked
    with the pages of a batch whether it ends here, however small it is. Without `threads` they are read in the
    caller's own."""
    batch = Batch()
    stretches = _looked_at(pages, look)
    for stretch in ahead(stretches) if threads and ports().threads else stretches:
        batch.records += stretch.records
        batch.continuation, batch.read_at = stretch.continuation, stretch.read_at or batch.read_at
        batch.pages += 1
        if stretch.continuation is not None and (len(batch.records) >= BATCH or enough(batch.pages)):
            yield batch
            batch = Batch(read_at=batch.read_at)
        del stretch
    batch.last = True
    yield batch


def _looked_at(pages: Iterable[Page], look: Look) -> Iterator[Stretch]:
    for page in pages:
        yield Stretch(list(map(look, page.records)), page.continuation, page.read_at)
        del page


def ahead(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The same stretches, made by another thread. An error there is raised here, after those before it."""
    channel: queue.Queue[Stretch | BaseException | None] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def offer(item: Stretch | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                channel.put(item, timeout=0.5)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            for stretch in stretches:
                offer(stretch)
                if stopped.is_set():
                    return
                del stretch
            offer(None)
        except BaseException as problem:  # handed to the caller's thread, whatever it is
            offer(problem)

    sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH))
    thread = threading.Thread(target=carried(read), name="reader", daemon=True)
    thread.start()
    try:
        while (item := channel.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
