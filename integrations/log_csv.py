"""Logs as CSV, streamed: a million rows pass through without standing in memory anywhere.

Rows are read in chunks by key and not through one long cursor: a reader who takes an hour for the download would hold
its transaction open that long, and keep PostgreSQL from cleaning up behind every sync meanwhile. What is written after
the start has greater ids and is not part of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from integrations.models import SyncLog
from records.spreadsheet import Line, cell

COLUMNS = (
    "id", "created_at", "integration", "run_id", "operation", "direction", "resource_type", "resource_id",
    "external_id", "status", "records_processed", "records_succeeded", "records_failed", "http_status",
    "duration_ms", "retry_count", "cause", "error_message", "before", "after",
)  # fmt: skip
CHUNK = 2_000


def lines(rows: QuerySet[SyncLog], names: Mapping[Any, str]) -> Iterator[str]:
    """The header, then the newest first, a chunk at a time. `names` are those of the integrations, by id."""
    writer = csv.writer(Line())
    yield writer.writerow(COLUMNS)
    for chunk in _chunks(rows):
        yield "".join(writer.writerow(_cells(row, names)) for row in chunk)


def _chunks(rows: QuerySet[SyncLog]) -> Iterator[list[tuple[Any, ...]]]:
    plain = [name for name in COLUMNS if name not in ("integration", "before", "after")]
    texts = {"before_text": Cast("before", TextField()), "after_text": Cast("after", TextField())}
    wanted = rows.order_by("-pk").annotate(**texts).values_list("integration_id", *plain, *texts)
    chunk = list(wanted[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(wanted.filter(pk__lt=chunk[-1][1])[:CHUNK]) if len(chunk) == CHUNK else []


def _cells(row: tuple[Any, ...], names: Mapping[Any, str]) -> list[Any]:
    integration, number, created_at, *rest = row
    return [number, _cell(created_at), _cell(names.get(integration, "")), *map(_cell, rest)]


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else cell(value)
