"""The least that a correct two-way sync can do, written by hand for this one provider and this one shape.

    python -m sync_engine.bench.minimum {read|import|rescan} BASE_URL [DATABASE_URL]

Record, link with base and hash, one audit row per change, and the cursor in the same transaction as its
pages; COPY; a thread that reads ahead. No mapping from data, no validation, no conflicts, no references, no
retries, no limits, no second provider: what Lockstep takes longer than this is the price of those.
Prints one JSON line: records, work_s (from the first request to the last commit).
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import orjson
import psycopg

from connectors.base.http import HttpRequest
from connectors.base.transport import HttpTransport
from records.ids import system_ids

BATCH = 5
"""Pages that are written together: 500 records."""

TABLES = """
CREATE TABLE {0}_record (id uuid PRIMARY KEY, title text NOT NULL, description text NOT NULL, status text NOT NULL,
    priority text NOT NULL, start_date date, due_date date, due_at timestamptz, completed_at timestamptz,
    project text NOT NULL, section text NOT NULL, metadata jsonb, updated_at timestamptz NOT NULL);
CREATE TABLE {0}_link (id bigserial PRIMARY KEY, record_id uuid NOT NULL UNIQUE, external_id text NOT NULL UNIQUE,
    base jsonb NOT NULL, hash bytea NOT NULL, synced_at timestamptz NOT NULL);
CREATE TABLE {0}_audit (id bigserial PRIMARY KEY, record_id uuid NOT NULL, external_id text NOT NULL,
    operation text NOT NULL, after jsonb NOT NULL, at timestamptz NOT NULL);
CREATE TABLE {0}_cursor (name text PRIMARY KEY, page text, stamp text);
INSERT INTO {0}_cursor VALUES ('task', '', '');
"""
PREFIX = "bench_minimum"
Row = tuple[Any, ...]


def pages(base_url: str) -> Iterator[dict[str, Any]]:
    """Parsed pages, one after the other, on one connection."""
    http, offset = HttpTransport(allow_private=True), ""
    while True:
        answer = http.send(HttpRequest("GET", f"{base_url}/tasks?project=1100&limit=100{offset}", {}, b""), timeout=30)
        page = orjson.loads(answer.body)
        yield page
        if page["next_page"] is None:
            return
        offset = f"&offset={page['next_page']['offset']}"


def ahead(base_url: str) -> Iterator[dict[str, Any]]:
    """The same, read by another thread."""
    channel: queue.Queue[dict[str, Any] | None] = queue.Queue(6)

    def read() -> None:
        for page in pages(base_url):
            channel.put(page)
        channel.put(None)

    threading.Thread(target=read, daemon=True).start()
    while (page := channel.get()) is not None:
        yield page


def batches(base_url: str) -> Iterator[tuple[list[Row], str]]:
    """(rows, cursor): mapped at once, so that the parsed pages can go."""
    rows: list[Row] = []
    for number, page in enumerate(ahead(base_url), 1):
        rows += map(mapped, page["data"])
        cursor = page["next_page"]["offset"] if page["next_page"] else ""
        if number % BATCH == 0 or not cursor:
            yield rows, cursor
            rows = []


def mapped(task: dict[str, Any]) -> Row:
    home, fields = task["memberships"][0], task["custom_fields"]
    return (
        task["gid"],
        task["name"],
        task["notes"],
        "COMPLETED" if task["completed"] else "IN_PROGRESS",
        fields[0]["display_value"].upper(),
        task["start_on"],
        task["due_on"],
        task["due_at"],
        task["completed_at"],
        home["project"]["name"],
        home["section"]["name"],
        task["permalink_url"],
    )


NAMES = (
    "gid", "title", "description", "status", "priority", "start", "due", "due_at", "completed_at", "project",
    "section", "url",
)  # fmt: skip


def fingerprint(row: Row) -> bytes:
    return blake2b(orjson.dumps(row), digest_size=16).digest()


def text(value: str | None) -> str:
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def import_all(base_url: str, database: psycopg.Connection[Any]) -> int:
    total = 0
    for rows, cursor in batches(base_url):
        with database.transaction():
            write(database, rows)
            database.execute(f"UPDATE {PREFIX}_cursor SET page = %s WHERE name = 'task'", [cursor])
        total += len(rows)
    return total


def write(database: psycopg.Connection[Any], rows: list[Row]) -> None:
    now = "now"
    records, links, audit = [], [], []
    for record_id, row in zip(system_ids.many(len(rows)), rows, strict=True):
        base = text(orjson.dumps(dict(zip(NAMES, row, strict=True))).decode())
        url = text(orjson.dumps(row[11]).decode())
        records.append("\t".join([record_id, *map(text, row[1:11]), url, now]))
        links.append("\t".join([record_id, row[0], base, "\\\\x" + fingerprint(row).hex(), now]))
        audit.append("\t".join([record_id, row[0], "CREATE", base, now]))
    copy(database, "record", "", records)
    copy(database, "link", "(record_id, external_id, base, hash, synced_at)", links)
    copy(database, "audit", "(record_id, external_id, operation, after, at)", audit)


def copy(database: psycopg.Connection[Any], table: str, columns: str, lines: list[str]) -> None:
    with database.cursor().copy(f"COPY {PREFIX}_{table} {columns} FROM STDIN") as stream:
        stream.write("\n".join(lines) + "\n")


def rescan(base_url: str, database: psycopg.Connection[Any]) -> int:
    """Every record compared with the hash of its link; nothing but the cursor is written."""
    total = 0
    for rows, cursor in batches(base_url):
        with database.transaction():
            found = database.execute(
                f"SELECT external_id, hash FROM {PREFIX}_link WHERE external_id = ANY(%s)", [[row[0] for row in rows]]
            )
            known = dict(found.fetchall())
            changed = [row for row in rows if known.get(row[0]) != fingerprint(row)]
            assert not changed, "the rescan must find nothing"
            database.execute(f"UPDATE {PREFIX}_cursor SET page = %s WHERE name = 'task'", [cursor])
        total += len(rows)
    return total


def empty_tables(database: psycopg.Connection[Any]) -> None:
    with database.transaction():
        drop_tables(database)
        database.execute(TABLES.format(PREFIX))


def drop_tables(database: psycopg.Connection[Any]) -> None:
    for table in ("record", "link", "audit", "cursor"):
        database.execute(f"DROP TABLE IF EXISTS {PREFIX}_{table}")


def main() -> None:
    what, base_url, *rest = sys.argv[1:]
    if what == "read":
        started = time.perf_counter()
        total = sum(len(page["data"]) for page in pages(base_url))
    else:
        with psycopg.connect(rest[0], autocommit=True) as database:
            if what == "import":
                empty_tables(database)
            started = time.perf_counter()
            total = (import_all if what == "import" else rescan)(base_url, database)
    sys.stdout.write(json.dumps({"records": total, "work_s": round(time.perf_counter() - started, 4)}) + "\n")


if __name__ == "__main__":
    main()
