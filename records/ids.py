"""Identifiers: UUID version 7, ordered by time and strictly rising inside a process.

The one module of `records` that asks the system for time and chance to make an id.
"""

from __future__ import annotations

import os
import threading
import time
import uuid

_LOW_BITS = 48
_LOW_LIMIT = 1 << _LOW_BITS


class SystemIds:
    """Implements `connectors.base.ports.Ids`.

    An id is 48 bits of milliseconds, 26 random bits and a 48-bit counter that starts at a random place.
    Ids made within one millisecond, or while the clock stands or runs back, continue the counter, so
    every id is greater than the one before. A forked process starts anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = -1
        self._prefix = ""
        self._next = _LOW_LIMIT

    def new(self) -> str:
        return self.many(1)[0]

    def many(self, count: int) -> list[str]:
        """`count` ids in rising order."""
        with self._lock:
            prefix, first = self._reserve(count)
        return [f"{prefix}{low:012x}" for low in range(first, first + count)]

    def _reserve(self, count: int) -> tuple[str, int]:
        now = time.time_ns() // 1_000_000
        if now > self._millisecond:
            self._start(now)
        if self._next + count > _LOW_LIMIT:
            self._start(self._millisecond + 1)
        first = self._next
        self._next = first + count
        return self._prefix, first

    def _start(self, millisecond: int) -> None:
        chance = int.from_bytes(os.urandom(10), "big")
        stamp = f"{millisecond:012x}"
        high, middle = chance >> 68, 0x8000 | (chance >> 54 & 0x3FFF)
        self._millisecond = millisecond
        self._prefix = f"{stamp[:8]}-{stamp[8:]}-7{high:03x}-{middle:04x}-"
        self._next = chance & (_LOW_LIMIT // 2 - 1)

    def forget(self) -> None:
        """Starts anew, so that two processes never continue the same counter."""
        self.__init__()  # type: ignore[misc]


system_ids = SystemIds()
os.register_at_fork(after_in_child=system_ids.forget)


def new_uuid() -> uuid.UUID:
    """Default of primary keys."""
    return uuid.UUID(system_ids.new())
