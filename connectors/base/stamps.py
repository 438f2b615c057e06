"""Reading and writing moments in the spellings that providers use. Everything inside is aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

MILLISECONDS_FROM = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973
_DOTNET = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def parse(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """ISO 8601 (any fraction, `Z`, offset or none), date only, epoch seconds or milliseconds as number or
    text, RFC 2822 and `/Date(ms)/`. A stamp without a zone is read in `zone`.

    None for empty values; `ValueError` for what is no moment.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return _utc(value, zone)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _epoch(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a moment in time.")
    return _text(value.strip(), zone)


def iso(moment: datetime) -> str:
    """2026-01-31T12:00:00.123456Z, the canonical spelling."""
    return _spell(moment, "microseconds")


def iso_ms(moment: datetime) -> str:
    return _spell(moment, "milliseconds")


def iso_seconds(moment: datetime) -> str:
    return _spell(moment, "seconds")


def iso_offset(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def epoch_seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def epoch_ms(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1000))


def day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


FORMATS = {
    "iso": iso,
    "iso_ms_z": iso_ms,
    "iso_z": iso_seconds,
    "iso_offset": iso_offset,
    "epoch_s": epoch_seconds,
    "epoch_ms": epoch_ms,
    "date": day,
    "rfc1123": http_date,
}


def _text(text: str, zone: tzinfo) -> datetime:
    try:
        if text[-1:] == "Z" and text[10:11] == "T":
            return datetime.fromisoformat(text)  # by far the most frequent spelling, in UTC already
        # Compact dates are ISO too, but a bare number from a provider is an epoch.
        return _epoch(float(text)) if _NUMBER.match(text) else _utc(datetime.fromisoformat(text), zone)
    except ValueError:
        return _odd(text, zone)


def _odd(text: str, zone: tzinfo) -> datetime:
    if match := _DOTNET.match(text):
        return _epoch(int(match[1]), milliseconds=True)
    try:
        return _utc(parsedate_to_datetime(text), zone)
    except (ValueError, TypeError):
        raise ValueError(f"{text!r} is not a moment in time.") from None


def _epoch(number: float, *, milliseconds: bool = False) -> datetime:
    seconds = number / 1000 if milliseconds or abs(number) >= MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise ValueError(f"{number!r} is not a moment in time.") from None


def _utc(moment: datetime | date, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _spell(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"
