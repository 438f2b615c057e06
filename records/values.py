"""Plain values: what a field looks like outside of the database, and the ways in and out.

TEXT, CHOICE        str, empty = None           column: text, empty = ""
INTEGER             int                         column: integer
DECIMAL             "12.5", no trailing zeros   column: numeric
BOOLEAN             bool
DATE                "2026-01-31"
DATETIME            "2026-01-31T09:30:00.000000Z", UTC, six digits
UUID, REFERENCE     "0199...-...", lower case with dashes
TAGS                sorted list of str, empty = None
JSON                any JSON value
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from .catalog import Kind, SyncField, SyncType

Plain: TypeAlias = Any
"""str, int, bool, list, dict or None; see the table above."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DECIMAL = re.compile(r"(?!-0$)-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

_SQL_TYPES = {
    Kind.TEXT: "text",
    Kind.CHOICE: "text",
    Kind.INTEGER: "bigint",
    Kind.DECIMAL: "numeric",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamptz",
    Kind.UUID: "uuid",
    Kind.REFERENCE: "uuid",
    Kind.TAGS: "text[]",
    Kind.JSON: "jsonb",
}
_READ_SQL = {
    Kind.TEXT: "NULLIF({column}, '')",
    Kind.CHOICE: "NULLIF({column}, '')",
    Kind.DECIMAL: "trim_scale({column})::text",
    Kind.DATE: "to_char({column}, 'YYYY-MM-DD')",
    Kind.DATETIME: "to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    Kind.UUID: "{column}::text",
    Kind.REFERENCE: "{column}::text",
    Kind.TAGS: (
        "CASE WHEN {column} <> '{{}}' THEN ARRAY(SELECT DISTINCT tag COLLATE \"C\" "
        "FROM unnest({column}) tag ORDER BY 1) END"
    ),
    Kind.JSON: "{column}::text",
}


def sql_type(field: SyncField) -> str:
    """The PostgreSQL type that the text form of a value is cast to."""
    return _SQL_TYPES[field.kind]


def read_sql(field: SyncField, table: str = "") -> str:
    """SQL expression that yields the plain value (JSON as text: pass it through `from_json_text`)."""
    column = f'{table}."{field.column}"' if table else f'"{field.column}"'
    return _READ_SQL.get(field.kind, "{column}").format(column=column)


def from_json_text(text: str | None) -> Plain:
    return None if text is None else orjson.loads(text)


def plain_datetime(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def plain_decimal(value: Decimal) -> str:
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def plain_tags(value: list[str]) -> list[str] | None:
    return sorted(set(value)) or None


_TO_PLAIN: dict[Kind, Callable[[Any], Plain]] = {
    Kind.TEXT: lambda value: str(value) or None,
    Kind.CHOICE: lambda value: str(value) or None,
    Kind.INTEGER: int,
    Kind.DECIMAL: lambda value: plain_decimal(Decimal(value)),
    Kind.BOOLEAN: bool,
    Kind.DATE: lambda value: value.isoformat(),
    Kind.DATETIME: plain_datetime,
    Kind.UUID: str,
    Kind.REFERENCE: str,
    Kind.TAGS: plain_tags,
    Kind.JSON: lambda value: value,
}


def to_plain(field: SyncField, value: Any) -> Plain:
    """The plain value of what a model instance holds."""
    return None if value is None else _TO_PLAIN[field.kind](value)


def default_of(sync_type: SyncType, field: SyncField) -> Plain:
    """The plain value of a new record where nobody gives one: the type's, else the model's."""
    given = sync_type.defaults.get(field.name)
    return to_plain(field, sync_type.model_field(field).get_default()) if given is None else given


def from_plain(field: SyncField, plain: Plain) -> Any:
    """What a model instance holds for a plain value. Raises ValueError with a sentence."""
    if problem := problem_of(field, plain):
        raise ValueError(problem)
    if is_empty(plain):
        return _EMPTY.get(field.kind, lambda: None)()
    return _FROM_PLAIN.get(field.kind, lambda value: value)(plain)


_EMPTY: dict[Kind, Callable[[], Any]] = {Kind.TEXT: str, Kind.CHOICE: str, Kind.TAGS: list}
_FROM_PLAIN: dict[Kind, Callable[[Any], Any]] = {
    Kind.DECIMAL: Decimal,
    Kind.DATE: date.fromisoformat,
    Kind.DATETIME: datetime.fromisoformat,
    Kind.UUID: uuid.UUID,
    Kind.REFERENCE: uuid.UUID,
    Kind.TAGS: lambda value: sorted(set(value)),
}


def is_empty(plain: Plain) -> bool:
    return plain is None or plain == ""


def problem_of(field: SyncField, plain: Plain) -> str:
    """A sentence that says what is wrong with a plain value; "" if nothing is."""
    if is_empty(plain):
        return f"{field.name} may not be empty." if field.required else ""
    said = _PROBLEMS[field.kind](field, plain)
    return f"{field.name} {said}." if said else ""


def _text_problem(field: SyncField, plain: Plain) -> str:
    if not isinstance(plain, str):
        return f"must be text, not {_named(plain)}"
    if "\0" in plain or not is_encodable(plain):
        return "holds a character that cannot be stored (NUL or half of a surrogate pair)"
    if field.max_length is not None and len(plain) > field.max_length:
        return f"has {len(plain)} characters; at most {field.max_length} are allowed"
    return ""


def is_encodable(text: str) -> bool:
    """False for half of a surrogate pair, which UTF-8 cannot carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _choice_problem(field: SyncField, plain: Plain) -> str:
    if isinstance(plain, str) and plain in field.choices:
        return ""
    return f"is {_named(plain)}; allowed are {', '.join(field.choices)}"


def _integer_problem(field: SyncField, plain: Plain) -> str:
    if not isinstance(plain, int) or isinstance(plain, bool):
        return f"must be an integer, not {_named(plain)}"
    if field.lowest <= plain <= field.highest:
        return ""
    if field.lowest == 0 > plain:
        return f"is {plain}; it may not be negative"
    return f"is {plain}, beyond what can be stored"


def _decimal_problem(field: SyncField, plain: Plain) -> str:
    if not isinstance(plain, str) or not _DECIMAL.fullmatch(plain):
        return f'must be a decimal number as text without trailing zeros, such as "12.5", not {_named(plain)}'
    whole, _, fraction = plain.lstrip("-").partition(".")
    if field.decimal_places is not None and len(fraction) > field.decimal_places:
        return f"has {len(fraction)} decimal places; at most {field.decimal_places} are kept"
    if field.whole_digits is not None and len(whole) > field.whole_digits:
        return f"is {_named(plain)}, beyond what can be stored"
    return ""


def _boolean_problem(field: SyncField, plain: Plain) -> str:
    return "" if isinstance(plain, bool) else f"must be true or false, not {_named(plain)}"


def _date_problem(field: SyncField, plain: Plain) -> str:
    return "" if _is_day(plain) else f"must be a day such as 2026-01-31, not {_named(plain)}"


def _datetime_problem(field: SyncField, plain: Plain) -> str:
    if _is_instant(plain):
        return ""
    return f"must be an instant in UTC such as 2026-01-31T09:30:00.000000Z, not {_named(plain)}"


def _is_day(plain: Plain) -> bool:
    return isinstance(plain, str) and bool(_DATE.fullmatch(plain)) and _parses(date.fromisoformat, plain)


def _is_instant(plain: Plain) -> bool:
    return isinstance(plain, str) and bool(_DATETIME.fullmatch(plain)) and _parses(datetime.fromisoformat, plain)


def _parses(parse: Callable[[str], Any], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _uuid_problem(field: SyncField, plain: Plain) -> str:
    if isinstance(plain, str) and _UUID.fullmatch(plain):
        return ""
    return f"must be an identifier such as 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000, not {_named(plain)}"


def _tags_problem(field: SyncField, plain: Plain) -> str:
    if not isinstance(plain, list) or not all(isinstance(tag, str) for tag in plain):
        return f"must be a list of texts, not {_named(plain)}"
    if any("\0" in tag or not is_encodable(tag) for tag in plain):
        return "holds a character that cannot be stored (NUL or half of a surrogate pair)"
    return ""


def _json_problem(field: SyncField, plain: Plain) -> str:
    try:
        dumped = orjson.dumps(plain)
    except (TypeError, orjson.JSONEncodeError) as error:
        return f"is not JSON: {error}"
    # jsonb has no NUL; a backslash before the escape would make it harmless text.
    if b"\\u0000" in dumped.replace(b"\\\\", b""):
        return "holds a NUL character, which cannot be stored"
    return ""


def _named(plain: Plain) -> str:
    text = repr(plain)
    return text if len(text) <= 60 else f"{text[:57]}..."


_PROBLEMS: dict[Kind, Callable[[SyncField, Plain], str]] = {
    Kind.TEXT: _text_problem,
    Kind.CHOICE: _choice_problem,
    Kind.INTEGER: _integer_problem,
    Kind.DECIMAL: _decimal_problem,
    Kind.BOOLEAN: _boolean_problem,
    Kind.DATE: _date_problem,
    Kind.DATETIME: _datetime_problem,
    Kind.UUID: _uuid_problem,
    Kind.REFERENCE: _uuid_problem,
    Kind.TAGS: _tags_problem,
    Kind.JSON: _json_problem,
}
