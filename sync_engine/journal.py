"""SyncLog rows in bulk, and R1's counters of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from connectors.base.redaction import redact
from records import copying
from sync_engine import log_lines, traces
from sync_engine.traces import Trace

CREATE, UPDATE, DELETE = "CREATE", "UPDATE", "DELETE"
INWARD, OUTWARD = "EXTERNAL_TO_LOCAL", "LOCAL_TO_EXTERNAL"
SUCCESS, FAILED, RESOLVED, PENDING = "SUCCESS", "FAILED", "CONFLICT_RESOLVED", "CONFLICT_PENDING"


@dataclass(slots=True)
class Entry:
    """One write, or one record that could not be written. `before` and `after` hold the changed fields in
    the written side's form; `trace` is what went over the wire and what went wrong, `record` the provider's record
    where that is what could not be taken in."""

    operation: str
    direction: str
    resource_id: str | None
    external_id: str | None
    status: str = SUCCESS
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    failure: str = ""
    message: str = ""
    http_status: int | None = None
    cause: str = ""
    trace: Trace | None = None
    record: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Journal:
    """Collects the entries of one transaction; `flush` writes them in it."""

    integration_id: str
    run_id: str | None
    resource_type: str
    cause: str
    counters: Counter[str] = field(default_factory=Counter)
    _rows: list[tuple[Any, ...]] = field(default_factory=list)
    _created: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        failed = entry.status == FAILED
        log_lines.record_written(self.resource_type, entry)
        self._rows.append(
            (
                *self._head(entry.operation, entry.direction, entry.resource_id, entry.external_id, entry.status),
                0 if failed else 1,
                1 if failed else 0,
                entry.failure,
                entry.message,
                entry.http_status,
                entry.cause or self.cause,
                _payload(entry.before),
                _payload(entry.after),
                *traces.columns(entry.trace, entry.record),
            )
        )

    def add_created(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Hot path: records pulled for the first time, as (local id, external id, values as JSON). These need no
        redaction, because they are mapped business fields only."""
        self._created += rows

    def _head(self, operation: str, direction: str, resource_id: Any, external_id: Any, status: str) -> tuple[Any, ...]:
        return (
            self.integration_id,
            self.run_id,
            operation,
            direction,
            self.resource_type,
            resource_id,
            external_id,
            status,
        )

    def flush(self, now: datetime) -> None:
        stamp = now.isoformat()
        with connection.cursor() as cursor:
            if self._created:
                copying.copy_rows(cursor, TABLE, _CREATED, self._created_lines(stamp))
            if self._rows:
                with cursor.copy(_COPY) as copy:
                    for row in self._rows:
                        copy.write_row((*row, stamp))
        self._rows.clear()
        self._created.clear()

    def _created_lines(self, stamp: str) -> Iterator[str]:
        head = (self.integration_id, self.run_id, CREATE, INWARD, self.resource_type)
        constants = [*head, SUCCESS, "1", "0", "", "", None, self.cause, None, stamp]
        for chunk in copying.chunked(self._created):
            ids, external_ids, afters = zip(*chunk, strict=True)
            yield copying.lines([ids, copying.escaped(external_ids), copying.escaped(afters)], constants)


TABLE = "integrations_synclog"
_HEAD = ("integration_id", "run_id", "operation", "direction", "resource_type")
_TAIL = ("status", "records_succeeded", "records_failed", "failure", "error_message", "http_status", "cause", "before")
_CREATED = ("resource_id", "external_id", "after", *_HEAD, *_TAIL, "created_at")
_ROW = (*_HEAD, "resource_id", "external_id", *_TAIL, "after", *traces.COLUMNS, "created_at")
_COPY = f"COPY {TABLE} ({', '.join(_ROW)}) FROM STDIN"


def _payload(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else orjson.dumps(redact(dict(values))).decode()


def add_counters(run_id: str | None, counters: Mapping[str, int], now: datetime, lease: datetime | None) -> None:
    """Adds this transaction's counts to the run's row, in the same transaction."""
    if run_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                counters.get("records", 0),
                sum(counters.get(name, 0) for name in ("created", "pulled", "pushed", "deleted", "skipped")),
                counters.get("failed", 0),
                counters.get("conflicts", 0),
                orjson.dumps({name: count for name, count in counters.items() if count}).decode(),
                lease,
                run_id,
            ],
        )


_ADD = """
UPDATE integrations_jobexecution AS run SET
    total_records = total_records + %s, success_count = success_count + %s, error_count = error_count + %s,
    conflict_count = conflict_count + %s,
    counters = run.counters || (
        SELECT COALESCE(jsonb_object_agg(key, value::int + COALESCE((run.counters ->> key)::int, 0)), '{}')
        FROM jsonb_each_text(%s::jsonb)),
    lease_until = COALESCE(%s, lease_until)
WHERE id = %s
"""
