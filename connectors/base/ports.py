"""What the outside world looks like to a connector and to the engine: time, identity, chance, budget.

Production binds the system's; the simulation binds its own. Nothing else may reach for them
(`tests/house` checks it).
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Ids(Protocol):
    def new(self) -> str:
        """A UUID in hex with dashes, ordered by time."""
        ...

    def many(self, count: int) -> list[str]: ...


class Rng(Protocol):
    def random(self) -> float: ...


class Budget(Protocol):
    """The calls an integration may still make. One per integration, shared by all workers."""

    def take(self, calls: int = 1, *, priority: bool = False) -> None:
        """Waits for a free call, or raises `RateLimited` when the wait is longer than a run should sleep."""
        ...

    def heard(self, *, remaining: int | None = None, retry_after: float | None = None) -> None:
        """What the provider said of its limit in an answer."""
        ...
