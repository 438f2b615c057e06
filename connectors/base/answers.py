"""What an answer means: statuses to errors by one table, and the provider's own words out of the body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from . import stamps
from .errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Stale,
    Transient,
    UnknownOutcome,
)
from .paths import first_of, get_path

MAX_TEXT = 200
Kind = Literal["config", "auth", "rejected", "not_found", "stale", "transient", "rate_limited", "unknown"]

# status -> (what it means on a read, on a write, a sentence where the body has none)
TABLE: dict[int, tuple[Kind, Kind, str]] = {
    400: ("rejected", "rejected", "The provider could not use the request."),
    401: ("auth", "auth", "The provider did not accept the credentials."),
    402: ("config", "config", "The provider's plan does not include this, or its payment is due."),
    403: ("config", "config", "The credentials are valid but lack the permission for this."),
    404: ("not_found", "not_found", "The provider has no such record."),
    405: ("config", "config", "The provider does not offer this operation at this address."),
    408: ("transient", "unknown", "The provider gave up waiting."),
    409: ("rejected", "rejected", "The provider sees a conflict with its own data."),
    410: ("not_found", "not_found", "The record is gone."),
    412: ("stale", "stale", "The record has changed at the provider since it was read."),
    413: ("rejected", "rejected", "The record is too large for the provider."),
    422: ("rejected", "rejected", "The provider did not accept the values."),
    423: ("transient", "transient", "The record is locked at the provider."),
    425: ("transient", "transient", "The provider asks to try again."),
    429: ("rate_limited", "rate_limited", "The provider's call limit is reached."),
}
OTHER_4XX: tuple[Kind, Kind, str] = ("rejected", "rejected", "The provider refused the request.")
OTHER_5XX: tuple[Kind, Kind, str] = ("transient", "unknown", "The provider has a fault of its own.")

ERRORS: dict[Kind, type[ConnectorError]] = {
    "config": ConfigError,
    "auth": AuthError,
    "rejected": Rejected,
    "not_found": NotFound,
    "stale": Stale,
    "transient": Transient,
    "rate_limited": RateLimited,
    "unknown": UnknownOutcome,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: `data` is the parsed JSON (None for an empty body), `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    data: Any
    url: str = ""

    @property
    def date(self) -> datetime | None:
        """The provider's own clock."""
        try:
            return stamps.parse(self.headers.get("date"))
        except ValueError:
            return None


@dataclass(frozen=True)
class ErrorRules:
    """Where a provider differs, as data.

    message, code  dotted paths into an error body, the first that holds something wins
    statuses       status -> kind, over the table
    ok_false       path whose `false` makes a 2xx an error (Slack)
    failure        hook for 2xx bodies that are errors: (status, data, writes) -> error or None
    remaining      header with the calls left, "" = none
    retry_after    headers that say when to come back, tried in order
    reset_unit     unit of a plain number in them: seconds left, or an epoch
    """

    message: tuple[str, ...] = (
        "errors[0].message", "error.message", "message", "error_description", "error", "detail", "errors[0]", "title",
    )  # fmt: skip
    code: tuple[str, ...] = ("errors[0].code", "error.code", "code", "errorCode", "error")
    statuses: Mapping[int, Kind] = field(default_factory=dict)
    ok_false: str = ""
    failure: Callable[[int, Any, bool], ConnectorError | None] | None = None
    remaining: str = "x-ratelimit-remaining"
    retry_after: tuple[str, ...] = ("retry-after",)
    reset_unit: Literal["s", "epoch_s", "epoch_ms"] = "s"


def error_for(
    status: int, headers: Mapping[str, str], data: Any, rules: ErrorRules, *, writes: bool, now: datetime
) -> ConnectorError:
    """The error of a status of 400 and above. `data` is the parsed body or its text."""
    wait = retry_after(headers, rules, now)
    kind, sentence = _kind(status, rules, writes=writes, wait=wait)
    message = _message(status, sentence, data, rules)
    code = _code(data, rules)
    if kind == "rate_limited":
        return RateLimited(message, retry_after=wait, status=status, provider_code=code)
    return ERRORS[kind](message, status=status, provider_code=code)


def failure_in(status: int, data: Any, rules: ErrorRules, *, writes: bool) -> ConnectorError | None:
    """The error that a 2xx hides."""
    if rules.ok_false and get_path(data, rules.ok_false) is False:
        return Rejected(_words(data, rules) or "The provider refused the request.", status=status,
                        provider_code=_code(data, rules))  # fmt: skip
    return rules.failure(status, data, writes) if rules.failure else None


def retry_after(headers: Mapping[str, str], rules: ErrorRules, now: datetime) -> float | None:
    """Seconds to wait: a number in the declared unit, or a date against the answer's own clock."""
    value = next((headers[name] for name in rules.retry_after if headers.get(name)), None)
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        return _until(value, headers, now)
    if rules.reset_unit == "s":
        return max(0.0, number)
    return max(0.0, number / (1000 if rules.reset_unit == "epoch_ms" else 1) - now.timestamp())


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    return "html" in headers.get("content-type", "") or body[:64].lstrip()[:1] == b"<"


def _kind(status: int, rules: ErrorRules, *, writes: bool, wait: float | None) -> tuple[Kind, str]:
    on_read, on_write, sentence = TABLE.get(status, OTHER_5XX if status >= 500 else OTHER_4XX)
    if status in rules.statuses:
        return rules.statuses[status], sentence
    if status == 503 and wait is not None:
        return "rate_limited", "The provider asks for a pause."
    return (on_write if writes else on_read), sentence


def _message(status: int, sentence: str, data: Any, rules: ErrorRules) -> str:
    if isinstance(data, bytes):
        hint = (
            " It answered with a web page, not with data; check the base URL." if data[:64].lstrip()[:1] == b"<" else ""
        )
        return f"{sentence}{hint} (HTTP {status})"
    words = _words(data, rules)
    return f"{words} (HTTP {status})" if words else f"{sentence} (HTTP {status})"


def _words(data: Any, rules: ErrorRules) -> str:
    found = first_of(data, rules.message) if isinstance(data, (dict, list)) else data
    text = found if isinstance(found, str) else ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip()[:MAX_TEXT]


def _code(data: Any, rules: ErrorRules) -> str:
    found = first_of(data, rules.code) if isinstance(data, (dict, list)) else None
    return str(found)[:MAX_TEXT] if isinstance(found, (str, int)) else ""


def _until(value: str, headers: Mapping[str, str], now: datetime) -> float | None:
    try:
        moment = stamps.parse(value)
        here = stamps.parse(headers.get("date")) or now
    except ValueError:
        return None
    return max(0.0, (moment - here).total_seconds()) if moment else None
