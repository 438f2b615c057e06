"""Clock, identity and chance of a twin: the system's for the server, a seeded set for tests."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class SeededIds:
    """UUID-shaped ids from a seed: the same seed gives the same ids."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)

    def new(self) -> str:
        digits = f"{self._rng.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def many(self, count: int) -> list[str]:
        return [self.new() for _ in range(count)]


class SeededRng:
    """Chance from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)

    def random(self) -> float:
        return self._rng.random()
