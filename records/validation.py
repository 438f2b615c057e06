"""Checks rows of plain values, many a second.

The happy path of a set of fields is one generated expression, about a microsecond a row; only a row that
fails it is looked at field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from .catalog import Kind, SyncField, SyncType
from .values import is_encodable, problem_of

Row = tuple[Any, ...]
Validator = Callable[[Row], list[str]]

_PLAIN_TEXT = "type({v}) is str and '\\0' not in {v} and ({v}.isascii() or encodable({v}))"
_QUICK_TESTS = {
    Kind.TEXT: _PLAIN_TEXT,
    Kind.CHOICE: "type({v}) is str and {v} in {v}_choices",
    Kind.INTEGER: "type({v}) is int and {lowest} <= {v} <= {highest}",
    Kind.BOOLEAN: "type({v}) is bool",
    Kind.TAGS: "type({v}) is list and storable({v})",
    Kind.DATE: "type({v}) is str and len({v}) == 10 and {v}[4] == {v}[7] == '-' and day({v})",
    Kind.DATETIME: (
        "type({v}) is str and len({v}) == 27 and {v}[26] == 'Z' and {v}[10] == 'T' and {v}[19] == '.'"
        " and {v}[4] == {v}[7] == '-' and {v}[13] == {v}[16] == ':' and instant({v})"
    ),
}
"""Tests that only valid values pass. Kinds that are not named take the slow test, unless empty."""


class InvalidValues(ValueError):
    """`errors` are sentences, one for each field at fault."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(" ".join(errors))
        self.errors = list(errors)


@lru_cache(maxsize=256)
def validator(sync_type: SyncType, field_names: tuple[str, ...]) -> Validator:
    """Returns a check of one row whose values stand in the order of `field_names`. It answers with a
    sentence for each field at fault, or an empty list. Raises KeyError on an unknown field."""
    fields = tuple(sync_type.field(name) for name in field_names)
    quick = _compiled(fields)

    def check(row: Row) -> list[str]:
        try:
            if quick(row):
                return []
        except ValueError:
            pass  # a day or an instant that does not exist: named below
        return [problem for field, value in zip(fields, row, strict=True) if (problem := problem_of(field, value))]

    return check


def _compiled(fields: Sequence[SyncField]) -> Callable[[Row], bool]:
    names = [f"v{index}" for index in range(len(fields))]
    scope: dict[str, Any] = {
        "encodable": is_encodable,
        "day": date.fromisoformat,
        "instant": datetime.fromisoformat,
        "problem_of": problem_of,
        "storable": _are_storable,
    }
    for name, field in zip(names, fields, strict=True):
        scope[f"{name}_field"] = field
        scope[f"{name}_choices"] = frozenset(field.choices)
    tests = " and ".join(f"({_test(name, field)})" for name, field in zip(names, fields, strict=True))
    # The source is made of our own templates and numbers; no name or value of a person enters it.
    exec(f"def quick(row):\n    {', '.join(names)}, = row\n    return {tests}", scope)
    return scope["quick"]


def _are_storable(tags: list[Any]) -> bool:
    try:
        joined = "".join(tags)
    except TypeError:
        return False
    return "\0" not in joined and (joined.isascii() or all(map(is_encodable, tags)))


def _test(name: str, field: SyncField) -> str:
    test = _QUICK_TESTS.get(field.kind, "not problem_of({v}_field, {v})").format(
        v=name, lowest=f"{field.lowest:d}", highest=f"{field.highest:d}"
    )
    if field.max_length is not None and field.kind is Kind.TEXT:
        test = f"{test} and len({name}) <= {field.max_length:d}"
    return f"{test} and {name} != ''" if field.required else f"{name} is None or {test}"


def check_create(sync_type: SyncType, values: Mapping[str, Any]) -> None:
    """Raises InvalidValues on a fault, or where a required field without a default is missing."""
    _raise(_faults(sync_type, values) + missing_required(sync_type, tuple(values)))


def check_update(sync_type: SyncType, values: Mapping[str, Any]) -> None:
    """Raises InvalidValues on a fault."""
    _raise(_faults(sync_type, values))


def missing_required(sync_type: SyncType, field_names: Sequence[str]) -> list[str]:
    """Sentences for the fields that a new record needs and nobody gives."""
    given = {sync_type.field(name).name for name in field_names if sync_type.has_field(name)}
    return [
        f"{field.name} is missing."
        for field in sync_type.fields
        if field.required and field.name not in given and not sync_type.has_default(field)
    ]


def _faults(sync_type: SyncType, values: Mapping[str, Any]) -> list[str]:
    unknown = [f"{sync_type.label} has no field '{name}'." for name in values if not sync_type.has_field(name)]
    known = {name: value for name, value in values.items() if sync_type.has_field(name)}
    problems = (problem_of(sync_type.field(name), value) for name, value in known.items())
    return unknown + [problem for problem in problems if problem]


def _raise(errors: Sequence[str]) -> None:
    if errors:
        raise InvalidValues(errors)
