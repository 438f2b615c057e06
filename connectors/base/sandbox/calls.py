"""One exchange as a twin sees it: the call, its route, and what a handler may answer or refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..http import HttpRequest, HttpResponse


class Refused(Exception):
    """The connection was refused; nothing was done."""


class ResponseLost(Exception):
    """The request was read; no complete answer will come."""


class Problem(Exception):
    """A handler's refusal: answered in the provider's own shape by `Twin.problem`."""

    def __init__(self, status: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.extra = extra


@dataclass(slots=True)
class Call:
    """One request as a handler sees it. `path` is below the base path, `params` its variables."""

    request: HttpRequest
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    params: dict[str, str] = field(default_factory=dict)
    who: str = ""
    token: str = ""

    def json(self) -> Any:
        """The body. Raises `Problem` 400."""
        try:
            return orjson.loads(self.request.body)
        except orjson.JSONDecodeError as error:
            raise Problem(400, "Could not parse request data, invalid JSON") from error


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the request log. `at` is ISO 8601."""

    method: str
    path: str
    query: str
    status: int
    who: str
    at: str


Handler = Callable[[Any, Call], HttpResponse]
Observer = Callable[[HttpRequest, HttpResponse], None]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and what it answers to."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    auth: bool
    locked: bool


def route(method: str, path: str, *, auth: bool = True, locked: bool = True) -> Callable[[Handler], Handler]:
    """Files a method of a twin under `path`, whose `{name}` parts become `call.params`. `locked=False` for a
    handler that calls out (a webhook handshake) and takes `self.lock` itself where it must."""

    def file(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)) + r"/?\Z")
        handler.__dict__.setdefault("routes", []).append(Route(method, pattern, handler, auth, locked))
        return handler

    return file


def json_response(status: int, data: Any) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json; charset=utf-8"}, orjson.dumps(data))
