"""What went over the wire, for people who look for a fault: a request with its answer, secrets hidden, size bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from .redaction import redact, redact_text, redact_url

LARGEST = 8_000
"""Bytes of a body that is kept whole; of a larger one its beginning is."""
BEGINNING = 2_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it was sent, without headers, and what came back. `status` 0 = no answer; `ms` milliseconds;
    `secrets` are values that must not be seen, `hidden` query parameters that hold some."""

    method: str
    url: str
    body: bytes
    status: int
    answer: bytes
    ms: float
    secrets: Sequence[str] = ()
    hidden: Sequence[str] = ()

    def request(self) -> dict[str, Any]:
        url = redact_text(redact_url(self.url, self.hidden), self.secrets)
        return {"method": self.method, "url": url, "body": bounded(_parsed(self.body), self.secrets)}

    def response(self) -> dict[str, Any] | None:
        """None where no answer came."""
        if not self.status:
            return None
        return {"status": self.status, "body": bounded(_parsed(self.answer), self.secrets)}


def bounded(value: Any, secrets: Sequence[str] = ()) -> Any:
    """JSON without secrets; {"truncated", "bytes", "text"} where it is too large to be kept."""
    shown = redact(value, secrets)
    written = orjson.dumps(shown, default=str, option=orjson.OPT_NON_STR_KEYS)
    if len(written) <= LARGEST:
        return shown
    return {"truncated": True, "bytes": len(written), "text": written[:BEGINNING].decode(errors="ignore")}


def _parsed(raw: bytes) -> Any:
    """JSON as JSON, a form by its names, anything else as text."""
    if not raw.strip():
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        text = raw.decode(errors="replace")
    pairs = parse_qsl(text, keep_blank_values=True) if "=" in text and "<" not in text and " " not in text else []
    return dict(pairs) or text.replace("\0", "")
