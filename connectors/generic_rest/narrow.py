"""A transport that lets only so many requests through at a time: `rate.concurrency`."""

from __future__ import annotations

import threading

from connectors.base.http import HttpRequest, HttpResponse, Transport


class Narrow:
    """Counts within one process; the rate budget is what all workers share."""

    def __init__(self, inner: Transport, at_once: int) -> None:
        self._inner = inner
        self._free = threading.BoundedSemaphore(at_once)

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
        with self._free:
            return self._inner.send(request, timeout=timeout)
