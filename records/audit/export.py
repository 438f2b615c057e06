"""The audit log as CSV, streamed in chunks by key like the logs of syncs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from records.models import AuditEntry
from records.spreadsheet import Line, cell

COLUMNS = (
    "id", "at", "actor", "via", "address", "action", "target_type", "target_id", "target", "before", "after",
)  # fmt: skip
CHUNK = 2_000
PDF_MOST = 1_000
"""Entries of a PDF, the newest: it is made in memory. The CSV, which is streamed, has all of them."""


def lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """The header, then the newest first, a chunk at a time."""
    writer = csv.writer(Line())
    yield writer.writerow(COLUMNS)
    wanted = rows.order_by("-pk").values_list(*COLUMNS)
    chunk = list(wanted[:CHUNK])
    while chunk:
        yield "".join(writer.writerow([_shown(value) for value in row]) for row in chunk)
        chunk = list(wanted.filter(pk__lt=chunk[-1][0])[:CHUNK]) if len(chunk) == CHUNK else []


def _shown(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, datetime) else cell(value)
