"""A clock that runs, and that nobody waits for: sleeping moves it ahead."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class EagerClock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds


def until(what: object, seconds: float = 20.0) -> bool:
    """Waits for a background thread: true as soon as `what()` is, false when it never was."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if what():  # type: ignore[operator]
            return True
        time.sleep(0.005)
    return False
