"""Dates and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .base import Transform, transform
from .scalars import decimal, one_of

_parse_date = date.fromisoformat
_parse_datetime = datetime.fromisoformat
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
"""Microseconds of one unit."""


@transform("date")
class Date(Transform):
    """A day, "YYYY-MM-DD". A moment from the provider becomes the day it falls on in `zone` (UTC)."""

    keys = frozenset({"zone"})
    kinds = ("date", "text")
    local_is_form = True

    def check(self) -> None:
        self.zone = zone(self.settings)

    def normalise(self, raw: Any) -> str | None:
        if raw.__class__ is str and len(raw) == 10 and raw[7] == "-":
            _parse_date(raw)
            return str(raw)
        if not raw and raw.__class__ is str:
            return None
        return moment(raw, self.zone).astimezone(self.zone).date().isoformat()

    def loses(self, raw: Any) -> str:
        if isinstance(raw, str) and len(raw) > 10:
            return "the time of day"
        return ""


@transform("datetime")
class DateTime(Transform):
    """A moment, "YYYY-MM-DDTHH:MM:SS.ffffffZ".

    zone       the zone of a provider's times that name none (UTC)
    unit       "iso" (default), "epoch_s" or "epoch_ms": what the provider sends and takes; the external form
               is an int then
    precision  "us" (default), "ms" or "s": what the provider keeps; finer parts are cut when pushing (lossy)
    """

    keys = frozenset({"zone", "unit", "precision"})
    kinds = ("datetime", "text")

    def check(self) -> None:
        self.zone = zone(self.settings)
        self.unit = UNITS.get(one_of(self.settings, "unit", ("iso", *UNITS)), 0)
        self.step = {"us": 1, "ms": 1_000, "s": 1_000_000}[one_of(self.settings, "precision", ("us", "ms", "s"))]
        self.local_is_form = not self.unit

    def normalise(self, raw: Any) -> str | int | None:
        if raw.__class__ is str:
            if len(raw) == 24 and raw[23] == "Z" and raw[19] == "." and raw[10] == "T" and not self.unit:
                _parse_datetime(raw)
                return str(raw[:23] + "000Z")
            if not raw:
                return None
        value = moment(raw, self.zone, self.unit)
        return micros(value) // self.unit if self.unit else stamp(value)

    def to_local(self, form: str | int) -> str:
        return stamp(moment(form, UTC, self.unit))

    def to_external(self, local: str) -> str | int:
        value = moment(local, UTC)
        if self.unit:
            return micros(value) // self.unit
        return stamp(value.replace(microsecond=value.microsecond // self.step * self.step))


def zone(settings: Any) -> tzinfo:
    name = settings.get("zone", "UTC")
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise ValueError(f"There is no time zone {name!r}; use a name like Europe/Berlin.") from None


def moment(raw: Any, assumed: tzinfo, unit: int = 0) -> datetime:
    """Aware, UTC. Numbers count `unit` microseconds since 1970; times without a zone are in `assumed`."""
    if unit or not isinstance(raw, str):
        return from_epoch(raw, unit)
    try:
        value = _parse_datetime(raw.strip())
    except ValueError:
        raise ValueError("is not a date or time (ISO 8601)") from None
    return (value if value.tzinfo else value.replace(tzinfo=assumed)).astimezone(UTC)


def from_epoch(raw: Any, unit: int) -> datetime:
    if not unit:
        raise ValueError("is not a date or time; for seconds or milliseconds since 1970 set unit")
    try:
        return EPOCH + timedelta(microseconds=int(decimal(raw) * unit))
    except OverflowError:
        raise ValueError("is out of the range of dates; is the unit right?") from None


def micros(value: datetime) -> int:
    return (value - EPOCH) // timedelta(microseconds=1)


def stamp(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)
