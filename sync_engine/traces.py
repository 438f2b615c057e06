"""What stands behind a row of the log: R1's payloads, error stack, duration and retries."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.base.connector import Connector
from connectors.base.errors import ConnectorError
from connectors.base.exchange import Exchange, bounded
from connectors.base.redaction import redact_text

DEEPEST = 4_000
"""Characters of an error stack that are kept: its end, where the error stands."""
COLUMNS = ("error_stack", "duration_ms", "retry_count", "request_payload", "response_payload")


@dataclass(frozen=True, slots=True)
class Trace:
    """`exchange` is the request that made the write, or that failed; `retries` how often it was tried before."""

    exchange: Exchange | None = None
    error: Exception | None = None
    retries: int = 0

    @property
    def status(self) -> int | None:
        """The HTTP status of a failure."""
        return self.error.status if isinstance(self.error, ConnectorError) else None


def of_error(error: Exception, retries: int = 0) -> Trace:
    return Trace(error.exchange if isinstance(error, ConnectorError) else None, error, retries)


def last_write(connector: Connector) -> Exchange | None:
    """What this thread wrote last through the connector; None for one that does not speak HTTP."""
    client = vars(connector).get("client")
    return client.last_write() if client is not None else None


def columns(trace: Trace | None, record: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    seen = {"body": record} if record is not None else None
    if trace is None:
        return "", None, 0, None, _json(seen and bounded(seen))
    exchange = trace.exchange
    if exchange is None:
        return _stack(trace.error, ()), None, trace.retries, None, _json(seen and bounded(seen))
    stack = _stack(trace.error, exchange.secrets)
    return stack, round(exchange.ms), trace.retries, _json(exchange.request()), _json(exchange.response())


def _stack(error: Exception | None, secrets: Any) -> str:
    if error is None:
        return ""
    return redact_text("".join(traceback.format_exception(error)).replace("\0", ""), secrets)[-DEEPEST:]


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
