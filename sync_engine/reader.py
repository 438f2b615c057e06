"""A reading thread ahead of the writer: the next pages are fetched while this batch is written."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.base.records import ExternalRecord, Page
from integrations.log_context import carried
from sync_engine.ports import ports

AHEAD = 12
"""Pages in flight between provider and database."""
BATCH = 1_000
"""Records that are written together."""


@dataclass(slots=True)
class Batch:
    """Pages put together. `continuation` asks for what comes after; `last` = the listing is complete."""

    records: list[ExternalRecord] = field(default_factory=list)
    continuation: Any = None
    read_at: datetime | None = None
    pages: int = 0
    last: bool = False


def _never(_pages: int) -> bool:
    return False


def batches(pages: Iterable[Page], enough: Callable[[int], bool] = _never, threads: bool = True) -> Iterator[Batch]:
    """Pages in batches of about `BATCH` records; the last one is marked, and may be empty. `enough` is asked
    with the pages of a batch whether it ends here, however small it is. Without `threads` they are read in the
    caller's own."""
    batch = Batch()
    for page in ahead(pages) if threads and ports().threads else pages:
        batch.records.extend(page.records)
        batch.continuation, batch.read_at = page.continuation, page.read_at or batch.read_at
        batch.pages += 1
        if page.continuation is not None and (len(batch.records) >= BATCH or enough(batch.pages)):
            yield batch
            batch = Batch(read_at=batch.read_at)
        del page
    batch.last = True
    yield batch


def ahead(pages: Iterable[Page]) -> Iterator[Page]:
    """The same pages, read by another thread. An error there is raised here, after the pages before it."""
    channel: queue.Queue[Page | BaseException | None] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def offer(item: Page | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                channel.put(item, timeout=0.5)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            for page in pages:
                offer(page)
                if stopped.is_set():
                    return
            offer(None)
        except BaseException as problem:  # handed to the caller's thread, whatever it is
            offer(problem)

    thread = threading.Thread(target=carried(read), name="reader", daemon=True)
    thread.start()
    try:
        while (item := channel.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
