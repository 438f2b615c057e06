"""Webhooks of ours on their way out: one signed POST, the peer checked by the guard, the answer's status read.

Redirects are not followed and nothing is repeated here: when to try again is the caller's matter.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from .answers import ErrorRules, retry_after
from .errors import ConnectorError
from .http import HttpRequest
from .ports import Clock
from .transport import HttpTransport
from .webhooks import DefaultWebhooks, StandardWebhooks

TIMEOUT = 15.0
GLANCE = 1024
"""Bytes of an answer that are kept to show what went wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` 0 = no answer, and `error` says why. `ms` are milliseconds; `retry_after` is what the receiver asked."""

    status: int
    error: str = ""
    ms: int = 0
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants nothing more, ever."""
        return self.status == 410


def headers(event: str, message_id: str, body: bytes, secrets: list[str], at: datetime) -> dict[str, str]:
    """Standard Webhooks, one signature per secret in force; beside it R1's header with the current secret, for
    receivers that can only compare a hex digest."""
    signed = StandardWebhooks().sign(message_id, body, secrets, at=at)
    return {"Content-Type": "application/json", **signed, **DefaultWebhooks().sign(event, body, secrets[0], at=at)}


def post(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool, clock: Clock) -> Outcome:
    """Sends once. Never raises for what the receiver or the net does."""
    started = clock.monotonic()
    try:
        answer = _transport(allow_private).send(HttpRequest("POST", url, headers, body), timeout=TIMEOUT)
    except ConnectorError as problem:
        return Outcome(0, problem.message, _ms(clock, started))
    said = "" if 200 <= answer.status < 300 else answer.body.decode(errors="replace").replace("\0", "")[:300]
    wait = retry_after(answer.headers, ErrorRules(), clock.now())
    asked = None if wait is None else timedelta(seconds=min(wait, 86_400))
    return Outcome(answer.status, said, _ms(clock, started), asked)


def _ms(clock: Clock, started: float) -> int:
    return round((clock.monotonic() - started) * 1000)


_transports: dict[bool, HttpTransport] = {}
_lock = threading.Lock()


def _transport(allow_private: bool) -> HttpTransport:
    with _lock:
        if allow_private not in _transports:
            _transports[allow_private] = HttpTransport(allow_private=allow_private, max_bytes=GLANCE, cut=True)
        return _transports[allow_private]
