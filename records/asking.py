"""Who asks, of the request that this thread is answering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


@dataclass(frozen=True, slots=True)
class Asker:
    """A person, or a program that speaks for one. `via` is `api` or `console`."""

    user_id: int
    name: str
    via: str
    address: str


class KnowsTheRequest:
    """Middleware: the request in hand can be looked up from below. Whose it is may turn out later (API tokens)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with answering(request):
            return self.get_response(request)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """The block answers this request."""
    token = current_request.set(request)
    try:
        yield
    finally:
        current_request.reset(token)


def asker() -> Asker | None:
    """None outside of requests, and for strangers."""
    request = current_request.get()
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return None
    via = "api" if request.path.startswith("/api/") else "console"
    return Asker(user.pk, user.get_username(), via, client_address(request))


def client_address(request: HttpRequest) -> str:
    """The caller's address, "" = none that is one. Behind a proxy (BEHIND_PROXY) the last of X-Forwarded-For, which
    the proxy itself added; what stands before it anybody may have written."""
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            return _address(forwarded)
    return _address(str(request.META.get("REMOTE_ADDR") or ""))


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
