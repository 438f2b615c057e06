"""What people type, as the plain value that is meant: "5" for a number, "yes", "2026-01-31 09:30", "a, b" for tags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .catalog import Kind, SyncField
from .values import plain_datetime, plain_decimal

WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def coerced(field: SyncField, given: Any) -> Any:
    """The plain value; None for what is empty. What cannot be understood raises ValueError with a sentence; what
    is understood may still be refused by `values.problem_of`."""
    if given is None or given == "":
        return None
    return _COERCE.get(field.kind, _as_it_is)(field, given)


def _as_it_is(_field: SyncField, given: Any) -> Any:
    return given


def _text(_field: SyncField, given: Any) -> Any:
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


def _integer(field: SyncField, given: Any) -> Any:
    if isinstance(given, str):
        try:
            return int(given.strip())
        except ValueError:
            raise ValueError(f"{field.name} needs a whole number, not '{given}'.") from None
    return int(given) if isinstance(given, float) and given.is_integer() else given


def _decimal(field: SyncField, given: Any) -> Any:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return given
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        raise ValueError(f"{field.name} needs a number such as 12.5, not '{given}'.") from None
    if not number.is_finite():
        raise ValueError(f"{field.name} needs a number such as 12.5, not '{given}'.")
    return plain_decimal(number)


def _boolean(field: SyncField, given: Any) -> Any:
    if isinstance(given, str):
        if given.strip().lower() not in WORDS:
            raise ValueError(f"{field.name} needs yes or no, not '{given}'.")
        return WORDS[given.strip().lower()]
    return given


def _date(field: SyncField, given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return date.fromisoformat(given.strip()[:10]).isoformat()
    except ValueError:
        raise ValueError(f"{field.name} needs a day such as 2026-01-31, not '{given}'.") from None


def _datetime(field: SyncField, given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        found = datetime.fromisoformat(given.strip())
        return plain_datetime(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ValueError(f"{field.name} needs an instant such as 2026-01-31T09:30:00Z, not '{given}'.") from None


def _tags(_field: SyncField, given: Any) -> Any:
    if isinstance(given, str):
        return sorted({tag.strip() for tag in given.split(",") if tag.strip()}) or None
    return given


_COERCE: dict[Kind, Callable[[SyncField, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TAGS: _tags,
}
