"""Time and chance of a simulated world: the same seed gives the same course."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from connectors.base.sandbox.ports import SeededRng

T = TypeVar("T")
EPOCH = datetime(2026, 3, 2, 8, tzinfo=UTC)


class VirtualClock:
    """Stands still unless told to move; sleeping moves it."""

    def __init__(self, start: datetime = EPOCH) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - EPOCH).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(0.0, seconds))


class Dice(SeededRng):
    """Draws from a seed."""

    def below(self, limit: int) -> int:
        return int(self.random() * limit)

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def choice(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        left = self.random() * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def subset(self, options: Sequence[T], probability: float) -> tuple[T, ...]:
        return tuple(option for option in options if self.chance(probability))
