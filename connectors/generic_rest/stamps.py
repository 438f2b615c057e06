"""Stamps in the spelling that a configuration names, beyond what the kit spells: zones and exclusive filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import stamps

from .config import StampFormat

_STEPS: dict[str, timedelta] = {
    "iso_ms_z": timedelta(milliseconds=1),
    "epoch_ms": timedelta(milliseconds=1),
    "date": timedelta(days=1),
}
_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def spell(moment: datetime, style: StampFormat, zone: str = "UTC") -> str:
    """`moment` in the spelling `style`, cut to what it can hold; local spellings are those of `zone`."""
    local = moment.astimezone(ZoneInfo(zone))
    match style:
        case "sql":
            return local.strftime("%Y-%m-%d %H:%M:%S")
        case "iso_offset":
            return local.isoformat(timespec="seconds")
        case "date":
            return local.date().isoformat()
        case "epoch_ms":
            return str((moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
        case _:
            return stamps.FORMATS[style](moment)


def since(moment: datetime, style: StampFormat, zone: str = "UTC", *, inclusive: bool = True) -> str:
    """What to ask for so that a change at `moment` itself is in the answer: an exclusive filter is asked
    one step of the format earlier."""
    return spell(moment if inclusive else moment - _STEPS.get(style, timedelta(seconds=1)), style, zone)


def written(moment: datetime, style: StampFormat, zone: str = "UTC") -> str | int:
    """A stamp as it stands in a body: epochs are numbers."""
    text = spell(moment, style, zone)
    return int(text) if style.startswith("epoch") else text


def respell(value: Any, style: StampFormat, zone: str) -> Any:
    """The JSON value with every canonical datetime text in it respelt; all else as it was."""
    if isinstance(value, Mapping):
        return {key: respell(item, style, zone) for key, item in value.items()}
    if isinstance(value, list):
        return [respell(item, style, zone) for item in value]
    if isinstance(value, str) and _CANONICAL.fullmatch(value):
        return written(datetime.fromisoformat(value), style, zone)
    return value
