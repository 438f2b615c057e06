"""When a scheduled rule is due: every so many minutes, or at a time of day on certain days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from automations.errors import Problem

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST, LONGEST = 5, 7 * 24 * 60
"""Minutes of `everyMinutes`."""


@dataclass(frozen=True)
class Times:
    """Either `every` minutes, counted from midnight UTC of 1970, or `at` on `days` (0 = Monday) in `zone`."""

    every: int = 0
    at: time | None = None
    days: tuple[int, ...] = tuple(range(7))
    zone: str = "UTC"

    def latest(self, now: datetime) -> datetime:
        """The last due time that is not after `now`."""
        if self.every:
            span = self.every * 60
            return datetime.fromtimestamp(int(now.timestamp()) // span * span, UTC)
        assert self.at is not None
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        for back in range(8):
            day = today - timedelta(days=back)
            due = datetime.combine(day, self.at, zone).astimezone(UTC)
            if day.weekday() in self.days and due <= now:
                return due
        raise AssertionError("every week has each day once")


def read_times(given: Mapping[str, Any]) -> tuple[Times | None, list[Problem]]:
    """`{"everyMinutes": 30}` or `{"at": "08:00", "days": ["mon"], "timezone": "Europe/Madrid"}`."""
    every, at = given.get("everyMinutes"), given.get("at")
    if (every in (None, "")) == (at in (None, "")):
        return None, [Problem("trigger.everyMinutes", 'Say how often: either "everyMinutes" or "at", such as 08:00.')]
    if every not in (None, ""):
        return _every(every)
    problems = []
    try:
        parsed = time.fromisoformat(str(at)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        parsed = time()
        problems.append(Problem("trigger.at", "Give a time of day such as 08:00."))
    days, wrong = _days(given.get("days"))
    zone = str(given.get("timezone") or "UTC")
    if wrong:
        problems.append(Problem("trigger.days", f"Name days as {', '.join(DAYS)}."))
    if not _known(zone):
        problems.append(Problem("trigger.timezone", f"'{zone}' is no time zone. Write one such as Europe/Madrid."))
    return (None if problems else Times(at=parsed, days=days, zone=zone)), problems


def _every(given: Any) -> tuple[Times | None, list[Problem]]:
    text = str(given)
    if isinstance(given, bool) or not (text.isascii() and text.isdigit()) or not SHORTEST <= int(text) <= LONGEST:
        return None, [Problem("trigger.everyMinutes", f"Give a whole number of minutes from {SHORTEST} to {LONGEST}.")]
    return Times(every=int(text)), []


def _days(given: Any) -> tuple[tuple[int, ...], bool]:
    if given in (None, "", []):
        return tuple(range(7)), False
    if not isinstance(given, list) or not all(each in DAYS for each in given):
        return (), True
    return tuple(sorted({DAYS.index(each) for each in given})), False


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
