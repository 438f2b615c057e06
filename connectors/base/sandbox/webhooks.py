"""Sends signed webhooks: queued here, pumped by hand in process or by a thread beside the server."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..http import HttpRequest, HttpResponse
from ..ports import Clock
from .faults import FaultBook

Deliver = Callable[[HttpRequest], HttpResponse]
# Seconds before each further attempt after an answer other than 2xx.
RETRIES = (1, 5, 25)


class DeliveryFailed(Exception):
    """Nobody answers at the target."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook on its way. `not_before` is the clock's time at which it may go."""

    request: HttpRequest
    not_before: datetime
    attempt: int = 0


class WebhookSender:
    """`deliver` carries one request to a target; it is given by the server, a test or the simulation."""

    def __init__(self, clock: Clock, faults: FaultBook) -> None:
        self._clock = clock
        self._faults = faults
        self.pending: deque[Delivery] = deque()
        self.sent: list[tuple[str, int]] = []
        self.deliver: Deliver | None = None
        self._wake = threading.Event()
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self.pending.clear()
            self.sent.clear()

    def queue(self, target: str, body: bytes, sign: Callable[[bytes], Mapping[str, str]]) -> None:
        """Queues one delivery, with what the webhook faults make of it. `sign` gives the signature headers."""
        if self._faults.draw("webhook_dropped", "POST", target):
            return
        wrong = self._faults.draw("webhook_wrongly_signed", "POST", target)
        headers = {"Content-Type": "application/json", **sign(body + b" " if wrong else body)}
        late = self._faults.draw("webhook_late", "POST", target)
        wait = _param(late, "seconds", 60) if late else 0
        delivery = Delivery(HttpRequest("POST", target, headers, body), self._clock.now() + timedelta(seconds=wait))
        repeated = self._faults.draw("webhook_repeated", "POST", target)
        first = self._faults.draw("webhook_reordered", "POST", target) is not None
        with self._lock:
            for _ in range(int(_param(repeated, "times", 2)) if repeated else 1):
                (self.pending.appendleft if first else self.pending.append)(delivery)
        self._wake.set()

    def due(self) -> list[Delivery]:
        """Takes out what may go now, in order."""
        now = self._clock.now()
        with self._lock:
            due = [delivery for delivery in self.pending if delivery.not_before <= now]
            waiting = [delivery for delivery in self.pending if delivery.not_before > now]
            self.pending.clear()
            self.pending.extend(waiting)
        return due

    def pump(self, deliver: Deliver | None = None) -> int:
        """Sends what is due; what is not taken (no 2xx, no answer) is queued again. Returns how many went."""
        carry = deliver or self.deliver
        if carry is None:
            raise DeliveryFailed("Nobody carries webhooks here: set `deliver`.")
        due = self.due()
        for delivery in due:
            self._send(delivery, carry)
        return len(due)

    def _send(self, delivery: Delivery, carry: Deliver) -> None:
        try:
            status = carry(delivery.request).status
        except DeliveryFailed:
            status = 0
        with self._lock:
            self.sent.append((delivery.request.url, status))
            if not 200 <= status < 300 and delivery.attempt < len(RETRIES):
                again = self._clock.now() + timedelta(seconds=RETRIES[delivery.attempt])
                self.pending.append(replace(delivery, not_before=again, attempt=delivery.attempt + 1))

    def run(self, stop: threading.Event) -> None:
        """The sending thread of the server."""
        while not stop.is_set():
            self._wake.wait(0.2)
            self._wake.clear()
            if self.pending:
                self.pump()


def _param(fault: Any, name: str, default: float) -> float:
    return float(fault.params.get(name, default))
