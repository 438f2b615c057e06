"""A stint: as much of a run as one task carries out before the next task goes on with it.

A run from the command line is one stint without an end. A worker's stint is over after so many pages, or after so
many seconds, whichever comes first; it ends between two transactions, so what is done is committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sync_engine.ports import ports

ROWS = 200
"""Local records pushed together in a bounded stint: at 150 calls a minute these take less than three minutes."""


class HandOver(Exception):
    """The stint is over and the run is not: the rest is the next task's."""


@dataclass
class Place:
    """How far a run came with one type.

    began     the run started a listing of its own: what is found half read is its own work
    first     the type had never been listed completely when the run came to it
    full      the listing was not filtered
    listed    nothing is left to be read
    queued    what is only here has been looked for
    pushed    id of the last queued local change that was looked at
    done      nothing is left to do
    listing   where the listing of a plan goes on; any other run keeps that beside the cursor
    """

    began: bool = False
    first: bool = False
    full: bool = False
    listed: bool = False
    queued: bool = False
    pushed: int = 0
    done: bool = False
    listing: dict[str, Any] | None = None


@dataclass
class Stint:
    """`pages` and `seconds` are bounds, None = none. `number` counts the stints of the run from 1. `looked` = a first
    sync was planned and found to be clear, so that it may write."""

    pages: int | None = None
    seconds: float | None = None
    number: int = 1
    looked: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    read: int = 0
    began_at: float = field(default_factory=lambda: ports().clock.monotonic())

    @property
    def bounded(self) -> bool:
        return self.pages is not None or self.seconds is not None

    def place(self, resource_type: str) -> Place:
        return self.places.setdefault(resource_type, Place())

    def over(self, more: int = 0) -> bool:
        """Is it time to stop, with `more` pages read that are not counted yet?"""
        if self.pages is not None and self.read + more >= self.pages:
            return True
        return self.seconds is not None and ports().clock.monotonic() - self.began_at >= self.seconds

    def rest(self) -> None:
        """Called after a transaction where something is left to do. Raises `HandOver`."""
        if self.over():
            raise HandOver

    def rows(self, most: int) -> int:
        """How many local records to take up at once."""
        return min(most, ROWS) if self.bounded else most

    def stored(self) -> dict[str, Any]:
        return {
            "stint": self.number,
            "looked": self.looked,
            "types": {key: asdict(place) for key, place in self.places.items()},
        }

    def resume(self, stored: Mapping[str, Any]) -> None:
        """Goes on where an earlier stint of the same run left off."""
        self.number, self.looked = int(stored.get("stint", 0)) + 1, bool(stored.get("looked"))
        self.places = {key: Place(**place) for key, place in stored.get("types", {}).items()}
