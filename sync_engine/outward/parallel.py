"""Several things at a time: chunks shared out over connections, results as they come, reads ahead of writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Generic, TypeVar

from integrations.log_context import carried
from sync_engine.ports import ports

CONNECTIONS = 8

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(items: Sequence[T], work: Callable[[T], R], threads: bool = True) -> Iterator[R]:
    """Results as they come; in order and in this thread where the connector or the ports say so (the simulation)."""
    for group in in_groups(items, work, threads):
        yield from group


def in_groups(items: Sequence[T], work: Callable[[T], R], threads: bool = True) -> Iterator[list[R]]:
    """Results as they come, those together that came while the caller was busy with the ones before."""
    if len(items) < 2 or not threads or not ports().threads:
        yield from ([work(item)] for item in items)
        return
    aware = carried(work)
    with ThreadPoolExecutor(min(CONNECTIONS, len(items)), thread_name_prefix="push") as pool:
        waiting: set[Future[R]] = {pool.submit(aware, item) for item in items}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield [future.result() for future in done]
        finally:
            for future in waiting:
                future.cancel()


def chunked(items: Sequence[T], size: int) -> list[list[T]]:
    """Chunks of `size`, the rest shared out evenly, so that no connection works alone at the end."""
    even = len(items) - len(items) % (size * CONNECTIONS)
    share = max((size + 1) // 2, -(-(len(items) - even) // CONNECTIONS))
    bounds = [(at, at + size) for at in range(0, even, size)]
    bounds += [(at, at + share) for at in range(even, len(items), share)]
    return [list(items[start:end]) for start, end in bounds]


class ReadAhead(Generic[T]):
    """Reads the chunks of the next round on a connection of its own while the others write, never further ahead, so
    that a record is still read shortly before it is written. Who comes before the reader reads for itself."""

    def __init__(self, chunks: Sequence[T], read: Callable[[T], None]) -> None:
        self._chunks, self._read = chunks, carried(read)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._reading: dict[int, Future[None]] = {}
        self._taken = -1
        self._lock = Lock()

    def __enter__(self) -> ReadAhead[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __call__(self, at: int) -> None:
        """Returns when the chunk at this position has been read."""
        with self._lock:
            self._taken = max(self._taken, at)
            following = at + CONNECTIONS
            if self._taken < following < len(self._chunks):  # a chunk is never read while it is being written
                self._reading[following] = self._pool.submit(self._read, self._chunks[following])
            ahead = self._reading.pop(at, None)
        if ahead is None or ahead.cancel():
            self._read(self._chunks[at])
        else:
            ahead.result()
