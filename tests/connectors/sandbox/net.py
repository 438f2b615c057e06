"""One twin, reached in process or over HTTP by the same words."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.base.http import HttpRequest, HttpResponse, Transport
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.store import Entry
from connectors.base.sandbox.twin import Call, Twin, route
from connectors.generic_rest.sandbox import GenericRestTwin

from ..clock import EagerClock, until

TOKEN = {"Authorization": "Bearer sandbox-token"}


class Inbox(Twin):
    """Receives webhooks. `statuses` are answered in turn, then 200."""

    slug = "inbox"
    resources = ("letters",)

    def setup(self) -> None:
        self.received: list[HttpRequest] = []
        self.statuses: list[int] = []

    @route("POST", "/hook", auth=False)
    def take(self, call: Call) -> HttpResponse:
        self.received.append(call.request)
        return HttpResponse(self.statuses.pop(0) if self.statuses else 200)


@dataclass
class Net:
    """`cut` says whether a broken connection can be told from one that never was."""

    twin: GenericRestTwin
    clock: EagerClock
    transport: Transport
    url: str
    over_http: bool

    def send(self, method: str, path: str, json: Any = None, *, timeout: float = 10) -> HttpResponse:
        body = b"" if json is None else orjson.dumps(json)
        return self.transport.send(HttpRequest(method, self.url + path, TOKEN, body), timeout=timeout)

    def get(self, path: str) -> Any:
        return orjson.loads(self.send("GET", path).body)

    def post(self, **fields: Any) -> HttpResponse:
        return self.send("POST", "/contacts", fields)

    def seed(self, count: int) -> list[str]:
        return [self.twin.hand_create("contacts", {"first_name": str(number)}).id for number in range(count)]

    def fault(self, kind: str, times: int | None = 1, **params: Any) -> Fault:
        return self.twin.faults.add(Fault(kind, times=times, params=params))

    @property
    def stored(self) -> list[Entry]:
        return list(self.twin.store.all("contacts"))


class Ear:
    """Takes what the twin sends about its contacts, but not before `listen`: until then it all waits."""

    def __init__(self, net: Net, secret: str = "s3cret") -> None:
        self._net = net
        self._open, self._busy = threading.Event(), threading.Event()
        self.received: list[HttpRequest] = []
        net.twin.webhooks.deliver = self._take
        net.twin.hook("http://127.0.0.1:9/", secret)
        if net.over_http:  # the sending thread is kept waiting with a first delivery
            net.twin.hand_create("contacts", {"first_name": "first"})
            assert self._busy.wait(20)

    def _take(self, request: HttpRequest) -> HttpResponse:
        self._busy.set()
        assert self._open.wait(20)
        self.received.append(request)
        return HttpResponse(200)

    def hears(self, names: list[str]) -> bool:
        """Lets everything in. Whether just that arrives, in that order."""
        self._open.set()
        if not self._net.over_http:
            self._net.twin.webhooks.pump()
        assert until(lambda: self.names == names), self.names
        return True

    @property
    def names(self) -> list[str]:
        found = [orjson.loads(request.body)["data"]["first_name"] for request in self.received]
        return found[1:] if self._net.over_http else found
