"""Ways to prove a delivery that the kit does not have: HTTP Basic and a token in the URL. Neither covers the
body, so what comes this way is a hint and the record is read again."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from connectors.base.http import HttpRequest
from connectors.base.webhooks import BadSignature, header


class Scheme(Protocol):
    """What verifies a delivery. Raises `BadSignature` or `BadTimestamp`."""

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class BasicScheme:
    """The secret is `user:password`."""

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        word, _, given = header(request, "authorization").partition(" ")
        expected = [base64.b64encode(secret.encode()).decode() for secret in secrets if secret]
        if word.lower() != "basic" or not _one_of(given.strip(), expected):
            raise BadSignature("The user name and password of the delivery are not ours.")


@dataclass(frozen=True, slots=True)
class UrlToken:
    """The secret stands in the query parameter `param` of the address that was given to the sender."""

    param: str = "token"

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        given = parse_qs(urlsplit(request.url).query).get(self.param, [""])
        if len(given) != 1 or not _one_of(given[0], [secret for secret in secrets if secret]):
            raise BadSignature(f"The {self.param!r} in the address is not ours.")


def _one_of(given: str, expected: Sequence[str]) -> bool:
    found = [hmac.compare_digest(given.encode(), each.encode()) for each in expected]  # no early end
    return any(found)
