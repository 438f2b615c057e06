"""Pages of big tables by keyset: no count, no OFFSET, and newer or older rows from where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """`rows`, the greatest key first. `newer` and `older` are query strings, "" at an end."""

    rows: Sequence[Any]
    newer: str
    older: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def paged(rows: QuerySet[Any], asked: QueryDict, *, key: Sequence[str] = ("pk",), size: int = PER_PAGE) -> KeysetPage:
    """The page that `asked` names by `before` or `after`, the key of a row as its pager wrote it. An index over the
    filter and `key` makes it one short read. `key` names one column, or two where the first may repeat."""
    after = _key_of(rows, key, asked.get("after", ""))
    before = _key_of(rows, key, asked.get("before", ""))
    if after:
        found = list(rows.filter(_beyond(key, after, "gt")).order_by(*key)[: size + 1])
        more_newer, chosen = len(found) > size, found[:size][::-1]
        more_older = True
    else:
        limited = rows.filter(_beyond(key, before, "lt")) if before else rows
        found = list(limited.order_by(*(f"-{name}" for name in key))[: size + 1])
        more_older, chosen = len(found) > size, found[:size]
        more_newer = before is not None
    newer = _query(asked, "after", chosen[0], key) if chosen and more_newer else ""
    older = _query(asked, "before", chosen[-1], key) if chosen and more_older else ""
    return KeysetPage(chosen, newer, older)


def _key_of(rows: QuerySet[Any], key: Sequence[str], text: str) -> list[Any] | None:
    """None where nothing, or nothing of ours, was given: then the first page is shown."""
    given = text.split("~") if text and "\0" not in text else []
    if len(given) != len(key):
        return None
    meta = rows.model._meta
    fields = [meta.pk if name == "pk" else meta.get_field(name) for name in key]
    try:
        return [field.to_python(part) for field, part in zip(fields, given, strict=True)]
    except ValidationError:
        return None


def _beyond(key: Sequence[str], values: Sequence[Any], side: str) -> Q:
    first = Q(**{f"{key[0]}__{side}": values[0]})
    if len(key) == 1:
        return first
    return first | Q(**{key[0]: values[0], f"{key[1]}__{side}": values[1]})


def _query(asked: QueryDict, name: str, row: Any, key: Sequence[str]) -> str:
    kept = asked.copy()
    for one in ("before", "after"):
        kept.pop(one, None)
    kept[name] = "~".join(_written(getattr(row, column)) for column in key)
    return "?" + kept.urlencode()


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
