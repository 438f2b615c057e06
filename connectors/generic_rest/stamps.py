"""Stamps as APIs spell them, to and from aware UTC datetimes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from .config import StampFormat

# Seconds reach this number in the year 5138, milliseconds reached it in 1973.
_MILLISECONDS_FROM = 100_000_000_000
_STEPS: dict[StampFormat, timedelta] = {
    "iso_ms_z": timedelta(milliseconds=1),
    "epoch_ms": timedelta(milliseconds=1),
    "date": timedelta(days=1),
}
_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def write_stamp(moment: datetime, style: StampFormat, zone: str = "UTC") -> str | int:
    """`moment` in the spelling `style`, cut (never rounded up) to what it can hold. Epochs are numbers."""
    moment = moment.astimezone(UTC)
    match style:
        case "iso_ms_z":
            return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        case "iso_z":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        case "iso_offset":
            return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
        case "epoch_s":
            return _epoch_ms(moment) // 1000
        case "epoch_ms":
            return _epoch_ms(moment)
        case "rfc1123":
            return format_datetime(moment.replace(microsecond=0), usegmt=True)
        case "sql":
            return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
        case "date":
            return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d")


def write_since(moment: datetime, style: StampFormat, zone: str = "UTC", *, inclusive: bool = True) -> str:
    """What to ask for so that a change at `moment` itself is in the answer: an exclusive filter is asked
    one step of the format earlier."""
    if not inclusive:
        moment -= _STEPS.get(style, timedelta(seconds=1))
    return str(write_stamp(moment, style, zone))


def read_stamp(value: Any, zone: str = "UTC") -> datetime | None:
    """Any spelling of the sheet: ISO 8601, epoch seconds or milliseconds (number or digits), RFC 1123, a plain
    date or a date and time without zone, which is read in `zone`. None for what is no stamp."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)) or (isinstance(value, str) and re.fullmatch(r"\d{9,14}(\.\d+)?", value)):
        return _read_epoch(float(value))
    return _read_text(value, zone) if isinstance(value, str) and value else None


def rewrite_canonical(value: Any, style: StampFormat, zone: str) -> Any:
    """The JSON value with every canonical datetime text in it respelt in `style`; all else as it was."""
    if isinstance(value, dict):
        return {key: rewrite_canonical(item, style, zone) for key, item in value.items()}
    if isinstance(value, list):
        return [rewrite_canonical(item, style, zone) for item in value]
    if isinstance(value, str) and _CANONICAL.fullmatch(value):
        return write_stamp(datetime.fromisoformat(value), style, zone)
    return value


def _epoch_ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _read_epoch(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _read_text(text: str, zone: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)
