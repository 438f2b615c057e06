"""Whether a webhook is genuine. A provider's scheme is data (`Hmac`), not code.

    WebhookError
    |- BadSignature   missing, malformed or wrong: answered 401
    |- BadTimestamp   outside the window: answered 401
    `- BadPayload     genuine, but not readable: answered 400

The scheme decides whether a `whsec_` secret is decoded (Standard Webhooks) or used as text (Stripe, R1),
never the prefix. Comparisons are of bytes and in constant time. Several secrets may be valid at once
(rotation); none at all refuses, it never skips the check.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from .http import HttpRequest

Algorithm = Literal["sha256", "sha1", "sha512"]
Encoding = Literal["hex", "base64"]
TOLERANCE = 300
MAX_SIGNATURE = 4096
_STAMP = re.compile(r"[0-9]{1,13}")


class WebhookError(Exception):
    """`message` is a sentence; `status` what the sender is answered."""

    status = 401

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadSignature(WebhookError):
    pass


class BadTimestamp(WebhookError):
    pass


class BadPayload(WebhookError):
    status = 400


@dataclass(frozen=True, slots=True)
class Hmac:
    """A signature header, as data.

    signed     template of what is signed: {method} {url} {timestamp} {id} {body}
    key        "base64" = the secret is decoded first
    stamp      header with the time, "" = none; `stamp_unit` s or ms; `tolerance` in seconds
    id         header with the delivery id, where it is signed
    """

    header: str
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: str = ""
    key: Literal["text", "base64"] = "text"
    signed: str = "{body}"
    stamp: str = ""
    stamp_unit: Literal["s", "ms"] = "s"
    tolerance: int = TOLERANCE
    id: str = ""

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        """Raises `BadSignature`, `BadTimestamp`."""
        given = header(request, self.header)
        stamp = header(request, self.stamp) if self.stamp else ""
        if self.stamp:
            check_stamp(stamp, now=now, tolerance=self.tolerance, unit=self.stamp_unit)
        message = self.message(request, stamp)
        for secret in secrets:
            key = _key(secret, self.key)
            if matches(message, given, key, self.algorithm, self.encoding, self.prefix):
                return
        raise BadSignature(f"The signature in {self.header} does not fit the body.")

    def message(self, request: HttpRequest, stamp: str = "") -> bytes:
        """The bytes that are signed."""
        parts = {
            "{body}": request.body,
            "{timestamp}": stamp.encode(),
            "{url}": request.url.encode(),
            "{method}": request.method.encode(),
            "{id}": header(request, self.id).encode() if "{id}" in self.signed else b"",
        }
        return b"".join(parts.get(each, each.encode()) for each in re.split(r"(\{[a-z]+\})", self.signed))


@dataclass(frozen=True, slots=True)
class StaticToken:
    """A shared value in a header. It covers no body: events are hints, and the record is read again."""

    header: str
    prefix: str = ""

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        given = header(request, self.header).encode()
        # No early end: how many secrets there are should not show in the time either.
        found = [hmac.compare_digest(given, (self.prefix + secret).encode()) for secret in secrets if secret]
        if not any(found):
            raise BadSignature(f"The token in {self.header} is not ours.")


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`, secret `whsec_` + base64."""

    tolerance: int = TOLERANCE

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        stamp = header(request, "webhook-timestamp")
        check_stamp(stamp, now=now, tolerance=self.tolerance)
        entries = [each[3:] for each in header(request, "webhook-signature").split(" ") if each.startswith("v1,")]
        message = _standard_message(header(request, "webhook-id"), stamp, request.body)
        for secret in secrets:
            key = standard_key(secret)
            if any(matches(message, entry, key, "sha256", "base64") for entry in entries):
                return
        raise BadSignature("No signature in webhook-signature fits the message.")

    def sign(self, message_id: str, body: bytes, secrets: Iterable[str], *, at: datetime) -> dict[str, str]:
        """Headers for a message of ours; one signature per secret."""
        stamp = str(int(at.timestamp()))
        message = _standard_message(message_id, stamp, body)
        signed = ["v1," + signature(message, standard_key(each), "sha256", "base64") for each in secrets]
        return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signed)}


@dataclass(frozen=True, slots=True)
class DefaultWebhooks:
    """R1's scheme: `X-Webhook-Signature` is the hex HMAC-SHA256 of the body, with `X-Webhook-Timestamp`
    and `X-Webhook-Event` beside it. The stamp is not signed unless `signed_stamp`, so receivers also
    remember deliveries."""

    signed_stamp: bool = False
    tolerance: int = TOLERANCE

    @property
    def scheme(self) -> Hmac:
        signed = "{timestamp}.{body}" if self.signed_stamp else "{body}"
        return Hmac("X-Webhook-Signature", signed=signed, stamp="X-Webhook-Timestamp", tolerance=self.tolerance)

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        self.scheme.verify(request, secrets, now=now)

    def sign(self, event: str, body: bytes, secret: str, *, at: datetime) -> dict[str, str]:
        stamp = str(int(at.timestamp()))
        message = self.scheme.message(HttpRequest("POST", "", {}, body), stamp)
        return {
            "X-Webhook-Signature": signature(message, secret.encode(), "sha256", "hex"),
            "X-Webhook-Event": event,
            "X-Webhook-Timestamp": stamp,
        }


def verify_hmac(
    body: bytes,
    given: str,
    secrets: str | Sequence[str],
    algorithm: Algorithm = "sha256",
    encoding: Encoding = "hex",
    prefix: str = "",
) -> None:
    """`given` must be the HMAC of `body` under one of the secrets (as text). Raises `BadSignature`."""
    known = [secrets] if isinstance(secrets, str) else secrets
    if not any(secret and matches(body, given, secret.encode(), algorithm, encoding, prefix) for secret in known):
        raise BadSignature("The signature does not fit the body.")


def check_stamp(stamp: str, *, now: datetime, tolerance: int = TOLERANCE, unit: Literal["s", "ms"] = "s") -> None:
    """Plain digits only, within `tolerance` seconds both ways. Raises `BadTimestamp`."""
    if not _STAMP.fullmatch(stamp):
        raise BadTimestamp("The webhook has no readable timestamp.")
    seconds = int(stamp) / (1000 if unit == "ms" else 1)
    if abs(timedelta(seconds=now.timestamp() - seconds)) > timedelta(seconds=tolerance):
        raise BadTimestamp(f"The webhook's timestamp is more than {tolerance} seconds from now.")


def signature(message: bytes, key: bytes, algorithm: Algorithm, encoding: Encoding) -> str:
    digest = hmac.new(key, message, getattr(hashlib, algorithm)).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def matches(message: bytes, given: str, key: bytes, algorithm: Algorithm, encoding: Encoding, prefix: str = "") -> bool:
    """Malformed, non-ASCII and over-long values are mismatches, not crashes."""
    if not key or len(given) > MAX_SIGNATURE or not given.startswith(prefix):
        return False
    digest = _decoded(given.removeprefix(prefix), encoding)
    return hmac.compare_digest(digest, hmac.new(key, message, getattr(hashlib, algorithm)).digest())


def standard_key(secret: str) -> bytes:
    """The key inside `whsec_...`; empty (which never matches) if it is not base64."""
    return _decoded(secret.removeprefix("whsec_"), "base64")


def header(request: HttpRequest, name: str) -> str:
    """The value, whatever the caller's spelling of the name; "" if absent."""
    wanted = name.lower()
    return next((value for key, value in request.headers.items() if key.lower() == wanted), "")


def payload(request: HttpRequest) -> Any:
    """The parsed body. Raises `BadPayload`."""
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadPayload("The webhook's body is not JSON.") from None


def _key(secret: str, kind: str) -> bytes:
    return _decoded(secret, "base64") if kind == "base64" else secret.encode()


def _decoded(text: str, encoding: Encoding) -> bytes:
    try:
        return bytes.fromhex(text) if encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _standard_message(message_id: str, stamp: str, body: bytes) -> bytes:
    return b".".join((message_id.encode(), stamp.encode(), body))
