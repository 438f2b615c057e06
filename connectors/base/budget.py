"""Budgets of one process. The one that all workers share lives above, in Redis, with the same face."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from .errors import RateLimited
from .limits import Limit
from .ports import Clock

SLOTS = 20
MAX_WAIT = 60.0


class Unlimited:
    """No limit at all: sandboxes and tests."""

    def take(self, calls: int = 1, *, priority: bool = False) -> None:
        return None

    def heard(self, *, remaining: int | None = None, retry_after: float | None = None) -> None:
        return None


class Window:
    """One `Limit`: calls counted in slots of a twentieth of the window, so that no window ever holds more
    than allowed. A plain token bucket lets twice the limit pass in the first window, and providers notice."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.width = limit.per_seconds / SLOTS
        self.used: deque[tuple[float, int]] = deque()
        self.total = 0

    def wait(self, now: float, calls: int, reserve: float) -> float:
        """Seconds until `calls` fit, leaving the reserved share free. Never more than fit at all."""
        self._forget(now)
        room = max(1, int(self.limit.calls * (1 - reserve)))
        excess = self.total + min(calls, room) - room
        if excess <= 0:
            return 0.0
        for at, count in self.used:
            excess -= count
            if excess <= 0:
                return at + self.width + self.limit.per_seconds - now
        return self.limit.per_seconds

    def add(self, now: float, calls: int) -> None:
        slot = now - now % self.width
        if self.used and self.used[-1][0] == slot:
            self.used[-1] = (slot, self.used[-1][1] + calls)
        else:
            self.used.append((slot, calls))
        self.total += calls

    def left(self, now: float, remaining: int) -> None:
        """The provider counts stricter than we do (other users of the same token): believe it."""
        self._forget(now)
        missing = self.limit.calls - self.total - remaining
        if missing > 0:
            self.add(now, missing)

    def _forget(self, now: float) -> None:
        while self.used and self.used[0][0] + self.width + self.limit.per_seconds <= now:
            self.total -= self.used.popleft()[1]


class LocalBudget:
    """All limits of one integration within one process; safe for threads.

    `reserve` is the share of each limit that only calls with `priority` (webhooks, people) may use.
    `remaining` of `heard` concerns the first limit. Waits longer than `max_wait` seconds raise
    `RateLimited` instead, so that a run is put off rather than a worker held.
    """

    def __init__(
        self, limits: Sequence[Limit], clock: Clock, *, reserve: float = 0.1, max_wait: float = MAX_WAIT
    ) -> None:
        self.windows = [Window(limit) for limit in limits]
        self.clock = clock
        self.reserve = reserve
        self.max_wait = max_wait
        self._blocked_until = 0.0
        self._lock = threading.Lock()

    def take(self, calls: int = 1, *, priority: bool = False) -> None:
        waited = 0.0
        while (wait := self._try(calls, 0.0 if priority else self.reserve)) > 0:
            waited += wait
            if waited > self.max_wait:
                raise RateLimited(
                    f"The call budget of this integration is spent; it is free again in {wait:.0f} seconds.",
                    retry_after=wait,
                )
            self.clock.sleep(wait)

    def heard(self, *, remaining: int | None = None, retry_after: float | None = None) -> None:
        with self._lock:
            now = self.clock.monotonic()
            if retry_after is not None:
                self._blocked_until = max(self._blocked_until, now + retry_after)
            if remaining is not None and self.windows:
                self.windows[0].left(now, remaining)

    def _try(self, calls: int, reserve: float) -> float:
        with self._lock:
            now = self.clock.monotonic()
            wait = max([self._blocked_until - now, *(window.wait(now, calls, reserve) for window in self.windows)])
            if wait <= 0:
                for window in self.windows:
                    window.add(now, calls)
            return wait
