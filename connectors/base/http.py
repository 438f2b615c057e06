"""The one shape of an HTTP exchange, shared by the client, the twins and the in-process transport."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`url` is absolute and carries the query; `headers` keep the caller's spelling."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`headers` have lower-case names."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Transport(Protocol):
    """Carries one request. Raises `errors.Transient` if the request surely never arrived (no connection),
    `errors.UnknownOutcome` if it was sent and no complete answer came back."""

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse: ...
