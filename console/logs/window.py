"""Pages of filtered logs in bounded time: a page looks through so many rows at most, and then offers to look on.

A filter that little fits would otherwise read the whole table for one page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from console.paging import PER_PAGE, KeysetPage, paged
from integrations import newest_logs
from integrations.models import SyncLog

WINDOW = 50_000


@dataclass(frozen=True, slots=True)
class Looked:
    """`further` says that the page ended because enough rows were looked through, not because there are no more."""

    page: KeysetPage
    further: bool


def unnarrowed(rows: QuerySet[SyncLog], integrations: Sequence[UUID], asked: QueryDict) -> Looked:
    """A page of all rows of the integrations: the next ones of an index."""
    after, before = _number(asked.get("after")), _number(asked.get("before"))
    if after is not None:
        ids = newest_logs.newer_than(integrations, after, PER_PAGE + 1)
    else:
        ids = newest_logs.older_than(integrations, before, PER_PAGE + 1)
    return Looked(paged(rows.filter(pk__in=ids), asked), further=False)


def looked_through(all_rows: QuerySet[SyncLog], fitting: QuerySet[SyncLog], asked: QueryDict) -> Looked:
    """A page of `fitting`, which are some of `all_rows`."""
    after, before = _number(asked.get("after")), _number(asked.get("before"))
    if after is not None:
        edge = _edge(all_rows.filter(pk__gt=after).order_by("pk"))
        page = paged(fitting if edge is None else fitting.filter(pk__lt=edge), asked)
        if edge is not None and not page.newer:
            page = replace(page, newer=_query(asked, "after", edge - 1))
        return Looked(page, further=False)
    rows = all_rows.filter(pk__lt=before) if before is not None else all_rows
    edge = _edge(rows.order_by("-pk"))
    page = paged(fitting if edge is None else fitting.filter(pk__gt=edge), asked)
    if edge is None or page.older:
        return Looked(page, further=False)
    return Looked(replace(page, older=_query(asked, "before", edge + 1)), further=True)


def _edge(rows: QuerySet[SyncLog]) -> int | None:
    """The id at the end of the window, None where the table ends before."""
    return rows.values_list("pk", flat=True)[WINDOW : WINDOW + 1].first()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _query(asked: QueryDict, name: str, value: int) -> str:
    kept = asked.copy()
    for one in ("before", "after"):
        kept.pop(one, None)
    kept[name] = str(value)
    return "?" + kept.urlencode()
