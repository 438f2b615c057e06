"""One JSON message posted to an address that a person gave (an incoming webhook), outside of any integration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from . import transport as real
from .answers import ErrorRules, error_for
from .errors import ConfigError
from .http import HttpRequest, Transport

TIMEOUT = 10.0
SHOWN = 200


def post_json(
    url: str,
    message: Any,
    *,
    now: datetime,
    allow_private: bool = False,
    headers: Mapping[str, str] | None = None,
    transport: Transport | None = None,
    timeout: float = TIMEOUT,
) -> str:
    """Posts once and returns what was answered, at most 200 characters of it; whatever is 2xx is success, in any
    format. Raises the errors of `errors`; their words never hold the address, which may be a secret itself."""
    given = {"Content-Type": "application/json", **(headers or {})}
    sent = HttpRequest("POST", url, given, orjson.dumps(message))
    answer = (transport or real.shared(allow_private)).send(sent, timeout=timeout)
    words = answer.body[:SHOWN].decode(errors="replace").strip()
    if 200 <= answer.status < 300:
        return words
    if answer.status < 400:
        raise ConfigError("This address leads to another one, which is not followed. Enter the final address.")
    raise error_for(answer.status, answer.headers, words, ErrorRules(), writes=True, now=now)
