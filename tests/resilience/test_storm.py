"""A storm of webhooks, shuffled, repeated and tampered with, while workers are killed: the end is as if nothing had
happened. `STORM_DELIVERIES=5000` is the full size.

    STORM_DELIVERIES=5000 python -m pytest tests/resilience/test_storm.py -s
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from config.services.valkey import Valkey
from connectors.base.sandbox.server import Server
from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import ExternalChange, WebhookDelivery
from records.models import Contact
from sync_engine.running.timetable import install
from tests.resilience.house import House, eventually
from tests.subprocesses import database_url
from tests.webhooks.scene import Hooked, now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.webhooks.urls")]

DELIVERIES = int(os.environ.get("STORM_DELIVERIES", "200"))
REPEATED, TAMPERED = 0.30, 0.05
SENDERS = 16
WORKERS = ("worker", "batch")
KILLS = (0.3, 0.6)
"""Shares of the storm after which all worker processes get SIGKILL."""


@dataclass(frozen=True)
class Delivery:
    """One call: `genuine` says whether the signature fits the body."""

    key: str
    body: bytes
    genuine: bool = True


@pytest.fixture
def house(tmp_path: Path, valkey: Valkey) -> Iterator[House]:
    url = valkey.url()
    assert url is not None
    made = House(tmp_path, database_url(), url)
    yield made
    made.stop()


class Senders:
    """Providers: they send until they have an answer that is not a fault of ours."""

    def __init__(self, house: House, hooked: Hooked) -> None:
        self.house, self.hooked = house, hooked
        self.sent, self.statuses = 0, Counter[tuple[bool, int]]()
        self.acknowledged: set[str] = set()
        self._lock, self._local = threading.Lock(), threading.local()

    def send(self, one: Delivery) -> None:
        signed = DefaultWebhooks().sign("contact.updated", one.body, self.hooked.secret, at=now())
        body = one.body if one.genuine else one.body.replace(b"@", b"!", 1)
        headers = {"Content-Type": "application/json", "X-Webhook-Id": one.key, **signed}
        status = 0
        while status in (0, 502, 503, 504):
            status = self._once(body, headers)
        with self._lock:
            self.sent += 1
            self.statuses[one.genuine, status] += 1
            if status == 200:
                self.acknowledged.add(one.key)

    def _once(self, body: bytes, headers: dict[str, str]) -> int:
        if not hasattr(self._local, "connection"):
            self._local.connection = HTTPConnection("127.0.0.1", self.house.port, timeout=60)
        try:
            self._local.connection.request("POST", self.hooked.url, body, headers)
            answer = self._local.connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._local.connection.close()
            time.sleep(0.1)
            return 0
        return int(answer.status)


def storm(hooked: Hooked, count: int, chance: random.Random) -> list[Delivery]:
    """`count` calls: edits of a hundred people, nearly a third of them told twice or more, in any order."""
    people = [hooked.contact(email=f"p{number}@example.com") for number in range(min(100, count // 3))]
    assert not hooked.sync().failed
    fresh = int(count * (1 - REPEATED - TAMPERED))
    edits = []
    for number in range(fresh):
        person = chance.choice(people)
        hooked.twin.hand_update("contacts", person, {"email": f"{person[-6:]}-{number}@example.com"})
        edits.append(Delivery(f"edit-{number}", hooked.body(person)))
    calls = [*edits, *(chance.choice(edits) for _ in range(int(count * REPEATED)))]
    tampered = (chance.choice(edits) for _ in range(count - len(calls)))
    calls += [Delivery(f"{one.key}-tampered", one.body, genuine=False) for one in tampered]
    chance.shuffle(calls)
    return calls


def test_a_storm_with_killed_workers_ends_equal_to_the_twin(house: House, rest: GenericRestTwin, twins: Server) -> None:
    hooked, chance = Hooked(rest, twins), random.Random(11)
    calls = storm(hooked, DELIVERIES, chance)
    install()
    house.start(*WORKERS, "beat", "web")
    senders, began = Senders(house, hooked), time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        done = pool.map(senders.send, calls)
        for share in KILLS:
            assert eventually(lambda share=share: senders.sent >= share * DELIVERIES)  # type: ignore[misc]
            for name in WORKERS:
                house.kill(name)
            house.start(*WORKERS)
        list(done)
    took = time.monotonic() - began
    assert set(senders.statuses) == {(True, 200), (False, 401)}
    assert senders.statuses[False, 401] == sum(not one.genuine for one in calls)

    accepted = WebhookDelivery.objects.filter(integration=hooked.integration, verdict="ACCEPTED")
    waiting = accepted.filter(status="QUEUED")
    assert eventually(lambda: not ExternalChange.objects.exists() and not waiting.exists()), (
        ExternalChange.objects.count(), waiting.count(), (house.logs / "worker.log").read_text()[-2000:],
    )  # fmt: skip
    settled = time.monotonic() - began
    assert accepted.count() == len(senders.acknowledged) == len({one.key for one in calls if one.genuine})
    assert sum(accepted.values_list("repeats", flat=True)) == senders.statuses[True, 200] - accepted.count()
    assert hooked.emails() == sorted(entry.fields["email"] for entry in rest.store.live("contacts"))
    assert Contact.objects.filter(organization=hooked.organization).count() == len(hooked.emails())
    house.stop()
    assert not hooked.sync().counters["pulled"]
    sys.stdout.write(
        f"\n{DELIVERIES} deliveries in {took:.1f} s ({DELIVERIES / took:.0f}/s), everything settled after "
        f"{settled:.1f} s: {accepted.count()} accepted, {senders.statuses[True, 200] - accepted.count()} repeats, "
        f"{senders.statuses[False, 401]} refused; workers killed {len(KILLS)} times\n"
    )
