"""The one module that binds time, identity and chance for the engine, and marks its effect boundaries.

`effect(name)` is called before and after everything that outlives the process (a commit, a provider call).
Production does nothing there; the simulation counts the calls and raises at one of them, which is a crash:
memory is gone, the database stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from connectors.base.ports import Clock, Ids, Rng
from records.ids import system_ids


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _no_effect(_name: str) -> None:
    """Production: an effect boundary is only a place."""


@dataclass(frozen=True)
class Ports:
    """What the engine asks of the world. `threads` False = everything in this thread, in order."""

    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = system_ids
    rng: Rng = field(default_factory=Random)
    effect: Callable[[str], None] = _no_effect
    threads: bool = True


_current = Ports()


def ports() -> Ports:
    """The ports in force in this process."""
    return _current


@contextmanager
def bound(**changes: object) -> Iterator[Ports]:
    """Binds other ports for a while: the simulation's clock, ids, rng and crash hook."""
    global _current
    before = _current
    _current = replace(before, **changes)  # type: ignore[arg-type]
    try:
        yield _current
    finally:
        _current = before
