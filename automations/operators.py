"""What a condition can ask of a field, by the kind of the field. Pure: plain values in, True or False out.

Text is compared without regard to case, choices exactly. An empty value is never before, after, more or less than
anything; it *is not* every value. Days and instants are in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

Takes = Literal["nothing", "value", "list", "days"]
Test = Callable[[Any, Any, str, datetime], bool]
"""(the field's value, what the condition names, kind, now)"""

TEXTS = ("text", "choice", "uuid", "reference")
NUMBERS = ("integer", "decimal")
TIMES = ("date", "datetime")
KINDS = (*TEXTS, *NUMBERS, *TIMES, "boolean", "tags", "json")


def gettext_noop(text: str) -> str:
    """Marks a text for translation, as Django's function of that name does, without needing Django."""
    return text


@dataclass(frozen=True, slots=True)
class Operator:
    """`takes` says what stands beside it; `change` = it asks what the change did, not what the record is."""

    key: str
    label: str
    kinds: tuple[str, ...]
    test: Test
    takes: Takes = "value"
    change: bool = False


def same(kind: str, left: Any, right: Any) -> bool:
    """Equality as people mean it: nothing and empty are one, case does not count in text."""
    return _key(kind, left) == _key(kind, right)


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _key(kind: str, value: Any) -> Any:
    if is_empty(value):
        return None
    if kind == "decimal":
        return Decimal(str(value))
    if kind == "text":
        return str(value).casefold()
    return sorted(value) if kind == "tags" else value


def _comparable(kind: str, value: Any) -> Any:
    return Decimal(str(value)) if kind in NUMBERS else value


def _ordered(compare: Callable[[Any, Any], bool]) -> Test:
    def test(value: Any, wanted: Any, kind: str, _now: datetime) -> bool:
        return not is_empty(value) and compare(_comparable(kind, value), _comparable(kind, wanted))

    return test


def _is(value: Any, wanted: Any, kind: str, _now: datetime) -> bool:
    return same(kind, value, wanted)


def _in(value: Any, wanted: Any, kind: str, _now: datetime) -> bool:
    return any(same(kind, value, each) for each in wanted)


def _not(test: Test) -> Test:
    return lambda value, wanted, kind, now: not test(value, wanted, kind, now)


def _empty(value: Any, _wanted: Any, _kind: str, _now: datetime) -> bool:
    return is_empty(value)


def _text(compare: Callable[[str, str], bool]) -> Test:
    def test(value: Any, wanted: Any, _kind: str, _now: datetime) -> bool:
        return compare(str(value or "").casefold(), str(wanted).casefold())

    return test


def _tags(compare: Callable[[set[str], set[str]], bool]) -> Test:
    def test(value: Any, wanted: Any, _kind: str, _now: datetime) -> bool:
        names = wanted if isinstance(wanted, list) else [wanted]
        return compare({each.casefold() for each in value or ()}, {each.casefold() for each in names})

    return test


def moment(kind: str, value: str) -> datetime:
    """A day's first instant, or the instant itself."""
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if kind == "date" else found


def _days(compare: Callable[[timedelta, timedelta], bool]) -> Test:
    """Compares how far ahead of now the value lies (days: ahead of today) with a number of days."""

    def test(value: Any, wanted: Any, kind: str, now: datetime) -> bool:
        if is_empty(value):
            return False
        start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if kind == "date" else now
        return compare(moment(kind, value) - start, timedelta(days=int(wanted)))

    return test


def _within(ahead: timedelta, span: timedelta) -> bool:
    return timedelta(0) <= ahead <= span


_ALL = (
    Operator("is", gettext_noop("is"), (*TEXTS, *NUMBERS, *TIMES, "boolean", "json"), _is),
    Operator("is_not", gettext_noop("is not"), (*TEXTS, *NUMBERS, *TIMES, "boolean", "json"), _not(_is)),
    Operator("in", gettext_noop("is one of"), (*TEXTS, *NUMBERS), _in, "list"),
    Operator("not_in", gettext_noop("is none of"), (*TEXTS, *NUMBERS), _not(_in), "list"),
    Operator("contains", gettext_noop("contains"), ("text",), _text(lambda value, wanted: wanted in value)),
    Operator(
        "not_contains", gettext_noop("does not contain"), ("text",), _text(lambda value, wanted: wanted not in value)
    ),
    Operator("starts_with", gettext_noop("starts with"), ("text",), _text(str.startswith)),
    Operator("ends_with", gettext_noop("ends with"), ("text",), _text(str.endswith)),
    Operator("greater", gettext_noop("is more than"), NUMBERS, _ordered(lambda value, wanted: value > wanted)),
    Operator("at_least", gettext_noop("is at least"), NUMBERS, _ordered(lambda value, wanted: value >= wanted)),
    Operator("less", gettext_noop("is less than"), NUMBERS, _ordered(lambda value, wanted: value < wanted)),
    Operator("at_most", gettext_noop("is at most"), NUMBERS, _ordered(lambda value, wanted: value <= wanted)),
    Operator("before", gettext_noop("is before"), TIMES, _ordered(lambda value, wanted: value < wanted)),
    Operator("after", gettext_noop("is after"), TIMES, _ordered(lambda value, wanted: value > wanted)),
    Operator(
        "in_past_days", gettext_noop("was within the last ... days"), TIMES, _days(lambda a, s: _within(-a, s)), "days"
    ),
    Operator("in_next_days", gettext_noop("is within the next ... days"), TIMES, _days(_within), "days"),
    Operator("older_than_days", gettext_noop("was more than ... days ago"), TIMES, _days(lambda a, s: -a > s), "days"),
    Operator("has", gettext_noop("has the tag"), ("tags",), _tags(lambda value, wanted: wanted <= value)),
    Operator("has_not", gettext_noop("has not the tag"), ("tags",), _not(_tags(lambda value, wanted: wanted <= value))),
    Operator(
        "has_any",
        gettext_noop("has one of the tags"),
        ("tags",),
        _tags(lambda value, wanted: bool(wanted & value)),
        "list",
    ),
    Operator(
        "has_all", gettext_noop("has all the tags"), ("tags",), _tags(lambda value, wanted: wanted <= value), "list"
    ),
    Operator("empty", gettext_noop("is empty"), KINDS, _empty, "nothing"),
    Operator("not_empty", gettext_noop("is not empty"), KINDS, _not(_empty), "nothing"),
    # These ask what the change did: their test is given the value before or after, see `conditions`.
    Operator("changed", gettext_noop("was changed"), KINDS, lambda *_: True, "nothing", change=True),
    Operator("changed_from", gettext_noop("was changed from"), (*TEXTS, *NUMBERS, *TIMES, "boolean"), _is, change=True),
    Operator("changed_to", gettext_noop("was changed to"), (*TEXTS, *NUMBERS, *TIMES, "boolean"), _is, change=True),
)
OPERATORS: Mapping[str, Operator] = {each.key: each for each in _ALL}


def of_kind(kind: str) -> tuple[Operator, ...]:
    """What can be asked of a field of that kind."""
    return tuple(each for each in _ALL if kind in each.kinds)
