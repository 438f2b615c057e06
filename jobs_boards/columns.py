"""Kinds of columns: what their settings mean and what their values look like. Pure: no database.

    status    {"labels": [{"name", "color"}]}       a label's name
    people    {"multiple": bool}                    a member's id, or a list of them
    date      {"time": bool}                        "2026-01-31", or "2026-01-31T09:30:00.000000Z" with time
    text      {"long": bool}                        text
    number    {"unit": "USD", "decimals": 2}        a number
    link      {"to": "job"}                         an id
    checkbox  {}                                    true, or nothing
    dropdown  {"options": [...], "multiple": bool}  an option, or a list of them

An empty value is None everywhere. Any column may be `"hidden": true` on the board's page, and `"locked": true`: set
when an item is made and by a sync, not by people afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from uuid import UUID

from connectors.base import stamps
from records.values import plain_datetime

KEY = re.compile(r"[a-z][a-z0-9_]*")
FIELDS = {"status": "status", "people": "person_id", "date": "date", "link": "job_id"}
"""Where the main column of a kind stands on the item."""
LINKS = ("job",)
COLORS = ("gray", "blue", "purple", "pink", "red", "orange", "yellow", "green", "teal")
DEFAULTS: dict[str, dict[str, Any]] = {
    "status": {"labels": []},
    "people": {"multiple": False},
    "date": {"time": False},
    "text": {"long": False},
    "number": {"unit": "", "decimals": 2},
    "link": {"to": "job"},
    "checkbox": {},
    "dropdown": {"options": [], "multiple": False},
}
LONGEST = 10_000


@dataclass(frozen=True)
class Spec:
    """A column as plain data."""

    key: str
    title: str
    kind: str
    settings: Mapping[str, Any]
    main: bool = False

    @property
    def field(self) -> str:
        """The item's own field that holds its value, "" = `column_values`."""
        return FIELDS[self.kind] if self.main else ""

    @property
    def locked(self) -> bool:
        return bool(self.settings.get("locked"))

    @property
    def labels(self) -> list[dict[str, str]]:
        return list(self.settings.get("labels", ()))


def complete(column: Spec) -> dict[str, Any]:
    """The settings with the defaults of the kind."""
    given = column.settings if isinstance(column.settings, Mapping) else {}
    return {**DEFAULTS.get(column.kind, {}), **given}


# Settings


def problems_of(column: Spec) -> list[str]:
    """What is wrong with a column, in sentences."""
    if not KEY.fullmatch(column.key):
        return ["key may hold small letters, digits and underscores, and begins with a letter."]
    if column.kind not in DEFAULTS:
        return [f"kind must be one of {', '.join(DEFAULTS)}."]
    if not isinstance(column.settings, Mapping):
        return ["settings must be an object."]
    known = {*DEFAULTS[column.kind], "hidden", "locked"}
    unknown = sorted(set(column.settings) - known)
    found = [
        f"settings: a {column.kind} column has no {name!r}. Known: {', '.join(sorted(known))}." for name in unknown
    ]
    found += _main_problems(column)
    found += [said for name, value in column.settings.items() if (said := _setting_problem(name, value))]
    return found


def _main_problems(column: Spec) -> list[str]:
    if not column.main:
        return []
    if column.kind not in FIELDS:
        return [f"main: a {column.kind} column cannot be a main column; {', '.join(FIELDS)} can."]
    if column.settings.get("multiple") or column.settings.get("time"):
        return ["main: a main column holds one value, and a day without a time."]
    return []


def _setting_problem(name: str, value: Any) -> str:
    if name == "labels":
        return _labels_problem(value)
    if name == "options":
        return _options_problem(value)
    if name == "decimals":
        return "" if type(value) is int and 0 <= value <= 6 else "settings: decimals must be a number from 0 to 6."
    if name == "unit":
        return "" if isinstance(value, str) and len(value) <= 10 else "settings: unit must be a short text."
    if name == "to":
        return "" if value in LINKS else f"settings: to must be one of {', '.join(LINKS)}."
    return "" if isinstance(value, bool) else f"settings: {name} must be true or false."


def _labels_problem(value: Any) -> str:
    said = 'settings: labels must be a list such as [{"name": "Open", "color": "blue"}], each name once.'
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        return said
    names = [one.get("name") for one in value]
    fine = all(isinstance(name, str) and 0 < len(name.strip()) <= 100 for name in names)
    if not fine or len({str(name).lower() for name in names}) < len(names):
        return said
    if any(one.get("color", "gray") not in COLORS for one in value):
        return f"settings: the color of a label must be one of {', '.join(COLORS)}."
    return ""


def _options_problem(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) and one for one in value) and len(set(value)) == len(value):
        return ""
    return "settings: options must be a list of texts, each once."


# Values


def normalise(column: Spec, value: Any) -> Any:
    """The value as it is kept; None where it is empty. Raises ValueError with a sentence."""
    if value is None or value == "" or value == []:
        return None
    try:
        return _NORMALISE[column.kind](column, value)
    except ValueError as error:
        raise ValueError(f"{column.title} {error}.") from None


def _status(column: Spec, value: Any) -> str:
    names = {str(label["name"]).lower(): str(label["name"]) for label in column.labels}
    found = names.get(str(value).lower())
    if found is None:
        raise ValueError(f"has no label '{value}'; it has {', '.join(names.values()) or 'none yet'}")
    return found


def _people(column: Spec, value: Any) -> Any:
    return _several(column, value, _identifier)


def _identifier(value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise ValueError(f"needs an id, not '{value}'") from None


def _date(column: Spec, value: Any) -> str:
    text = str(value)
    if not column.settings.get("time"):
        try:
            return date.fromisoformat(text[:10]).isoformat()
        except ValueError:
            raise ValueError(f"needs a day such as 2026-01-31, not '{text}'") from None
    try:
        return plain_datetime(stamps.parse(text) or _never())
    except ValueError:
        raise ValueError(f"needs a time such as 2026-01-31T09:30:00Z, not '{text}'") from None


def _never() -> NoReturn:
    raise ValueError("blank")


def _text(column: Spec, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("needs a text")
    if len(value) > LONGEST or "\0" in value:
        raise ValueError(f"takes up to {LONGEST} characters, without NUL")
    return value


def _number(column: Spec, value: Any) -> int | float:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"needs a number, not '{value}'") from None
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise ValueError(f"needs a number, not '{value}'")
    rounded = round(number, int(column.settings.get("decimals", 2)))
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _link(column: Spec, value: Any) -> str:
    return _identifier(value)


def _checkbox(column: Spec, value: Any) -> bool | None:
    if not isinstance(value, bool):
        raise ValueError("needs true or false")
    return value or None


def _dropdown(column: Spec, value: Any) -> Any:
    options = column.settings.get("options", ())

    def one(given: Any) -> str:
        if given not in options:
            raise ValueError(f"has no option '{given}'; it has {', '.join(options) or 'none yet'}")
        return str(given)

    return _several(column, value, one)


def _several(column: Spec, value: Any, one: Callable[[Any], str]) -> Any:
    if column.settings.get("multiple"):
        return sorted({one(each) for each in (value if isinstance(value, list) else [value])})
    if isinstance(value, list):
        raise ValueError("takes one value")
    return one(value)


_NORMALISE: dict[str, Callable[[Spec, Any], Any]] = {
    "status": _status,
    "people": _people,
    "date": _date,
    "text": _text,
    "number": _number,
    "link": _link,
    "checkbox": _checkbox,
    "dropdown": _dropdown,
}
