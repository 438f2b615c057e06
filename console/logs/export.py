"""Logs as CSV, streamed: a million rows pass through without standing in memory anywhere."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from console.logs.asked import LogFilter, chosen
from console.logs.lists import rows_of
from console.pages import Door
from integrations.models import SyncLog

COLUMNS = (
    "id", "created_at", "integration", "run_id", "operation", "direction", "resource_type", "resource_id",
    "external_id", "status", "records_processed", "records_succeeded", "records_failed", "http_status",
    "duration_ms", "retry_count", "cause", "error_message", "before", "after",
)  # fmt: skip
CHUNK = 2_000
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula and would run it."""


class Export(Door):
    """The rows that the filters of the page choose, the newest first."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        wanted = LogFilter(request.GET, integrations=self.integrations).asked()
        rows = chosen(rows_of(self.integrations), wanted, self.integrations)
        names = dict(self.integrations.values_list("pk", "name"))
        stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M")
        return StreamingHttpResponse(
            lines(rows, names),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="lockstep-logs-{stamp}.csv"'},
        )


class _Line:
    """What `csv` writes into: gives the line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def lines(rows: QuerySet[SyncLog], names: dict[Any, str]) -> Iterator[str]:
    """The CSV line by line, read in chunks by key, so that no transaction stays open while a slow reader reads."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    plain = [name for name in COLUMNS if name not in ("integration", "before", "after")]
    texts = {"before_text": Cast("before", TextField()), "after_text": Cast("after", TextField())}
    chosen_rows = rows.order_by("-pk").annotate(**texts).values_list("integration_id", *plain, *texts)
    last: int | None = None
    while True:
        chunk = list((chosen_rows.filter(pk__lt=last) if last is not None else chosen_rows)[:CHUNK])
        yield "".join(writer.writerow(_cells(row, names)) for row in chunk)
        if len(chunk) < CHUNK:
            return
        last = chunk[-1][1]


def _cells(row: tuple[Any, ...], names: dict[Any, str]) -> list[Any]:
    integration, number, created_at, *rest = row
    return [number, _cell(created_at), _cell(names.get(integration, "")), *map(_cell, rest)]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    return value
