"""How log lines look: for people (`LOG_FORMAT=text`), or one JSON object per line in R1's shape (`json`).

{"level", "timestamp", "logger", "message", "integrationId", "integrationName", "runId", "operation", "resourceType",
 "resourceId", "metadata": {...}, "error": {"type", "message", "stack"}}: what does not apply is left out. `level` is
DEBUG, INFO, WARN, ERROR or FATAL. Whatever else is given as `extra` stands in `metadata`.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from connectors.base.redaction import redact
from integrations.log_context import context

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "where"}
LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
PLACES = ("integrationId", "integrationName", "runId", "operation", "resourceType", "resourceId")


class ContextFilter(logging.Filter):
    """Says in each record of which integration and run it is, whoever wrote it. What the writer says goes first."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in context().items():
            if name not in vars(record):
                setattr(record, name, value)
        named = vars(record).get("integrationName", "")
        run = str(vars(record).get("runId", ""))[-8:]
        record.where = f" [{' '.join(filter(None, (named, run)))}]" if named or run else ""
        return True


class JsonFormatter(logging.Formatter):
    """R1's LogEntry."""

    def format(self, record: logging.LogRecord) -> str:
        given = {name: value for name, value in vars(record).items() if name not in STANDARD}
        line: dict[str, Any] = {
            "level": LEVELS.get(record.levelname, record.levelname),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in PLACES if (value := given.pop(name, ""))}
        metadata = {**given.pop("metadata", {}), **given}
        if known := {name: value for name, value in metadata.items() if value is not None}:
            line["metadata"] = redact(known)
        if record.exc_info and record.exc_info[0] is not None:
            kind, error = record.exc_info[0], record.exc_info[1]
            stack = self.formatException(record.exc_info)
            line["error"] = {"type": kind.__name__, "message": str(error), "stack": stack}
        return json.dumps(line, default=str, ensure_ascii=False)
