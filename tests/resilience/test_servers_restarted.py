"""Redis is away for a while, PostgreSQL restarts: nothing is lost, and nobody has to restart a worker.

`RESILIENCE_OUTAGE=60` makes the outage a minute; by default it is a few seconds.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import redis

from config.services.postgres import Postgres
from config.services.valkey import Valkey
from connectors.base.http import HttpRequest
from connectors.base.sandbox.server import Server
from connectors.base.sandbox.server import deliver as send
from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import WebhookDelivery
from records.models import Contact
from sync_engine.running.timetable import install
from tests.resilience.house import House, eventually
from tests.subprocesses import database_url
from tests.webhooks.scene import Hooked, now

OUTAGE = float(os.environ.get("RESILIENCE_OUTAGE", "4"))
PROCESSES = ("worker", "batch", "beat", "web")


def emails_there(rest: GenericRestTwin) -> list[str]:
    return sorted(entry.fields["email"] for entry in rest.store.live("contacts"))


def post(house: House, url: str, secret: str, body: bytes) -> int:
    signed = DefaultWebhooks().sign("contact.updated", body, secret, at=now())
    answer = send(HttpRequest("POST", house.url + url, {"Content-Type": "application/json", **signed}, body))
    return answer.status


def body_of(rest: GenericRestTwin, contact: str) -> bytes:
    entry = rest.store.get("contacts", contact)
    assert entry is not None
    return orjson.dumps({"event": "contact.updated", "data": rest.render(entry)})


@pytest.fixture
def house(tmp_path: Path, valkey: Valkey) -> Iterator[House]:
    url = valkey.url()
    assert url is not None
    made = House(tmp_path, database_url(), url)
    yield made
    made.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.webhooks.urls")
def test_redis_is_away_for_a_while_and_nothing_is_lost(
    house: House, valkey: Valkey, rest: GenericRestTwin, twins: Server
) -> None:
    hooked = Hooked(rest, twins)
    people = [hooked.contact(email=f"p{number}@example.com") for number in range(6)]
    assert not hooked.sync().failed
    install()
    house.start(*PROCESSES)
    time.sleep(OUTAGE)  # they are at work when it happens

    assert valkey.stop()
    with pytest.raises(redis.RedisError):
        redis.Redis.from_url(house.environment["REDIS_URL"]).ping()
    for number, person in enumerate(people[:3]):
        rest.hand_update("contacts", person, {"email": f"told-{number}@example.com"})
        assert post(house, hooked.url, hooked.secret, hooked.body(person)) == 200
    ours = Contact.objects.get(organization=hooked.organization, email="p5@example.com")
    ours.email = "edited-here@example.com"
    ours.save()
    rest.hand_create("contacts", {"email": "never-told@example.com"})
    time.sleep(OUTAGE)
    valkey.start()

    # A webhook lost at the provider comes by the listing, which is due at any time here.
    hooked.integration.sync_frequency = "EVERY_15MIN"
    hooked.integration.save()
    from sync_engine.running import schedule

    schedule.file_runs([hooked.integration], "due")
    wanted = emails_there(rest)
    assert eventually(lambda: "edited-here@example.com" in emails_there(rest)), tail(house)
    assert eventually(lambda: hooked.emails() == emails_there(rest)), (hooked.emails(), wanted, tail(house))
    queued = WebhookDelivery.objects.filter(status="QUEUED")
    assert eventually(lambda: not queued.exists()), tail(house)
    assert len(hooked.emails()) == 7


def tail(house: House) -> str:
    return (house.logs / "worker.log").read_text()[-2500:] + (house.logs / "beat.log").read_text()[-1500:]


def emails_here(postgres: Postgres, organization: str) -> list[str]:
    url = postgres.url()
    if url is None:
        return []
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT email FROM records_contact WHERE organization_id = %s AND deleted_at IS NULL", [organization]
        )
        return sorted(email for (email,) in rows)


def test_postgresql_restarts_and_workers_recover_by_themselves(
    tmp_path: Path, postgres: Postgres, valkey: Valkey, rest: GenericRestTwin, twins: Server
) -> None:
    database, queue = postgres.url(), valkey.url()
    assert database is not None
    assert queue is not None
    house = House(tmp_path, database, queue)
    house.manage("manage.py", "migrate", "--verbosity", "0")
    people = [rest.hand_create("contacts", {"email": f"p{number}@example.com"}).id for number in range(4)]
    told: dict[str, Any] = json.loads(house.manage("-m", "tests.resilience.stage", twins.url_of("generic_rest")))
    try:
        house.start(*PROCESSES)
        rest.hand_update("contacts", people[0], {"email": "before@example.com"})
        assert post(house, told["url"], told["secret"], body_of(rest, people[0])) == 200
        assert eventually(lambda: "before@example.com" in emails_here(postgres, told["organization"])), tail(house)

        assert postgres.stop()
        rest.hand_update("contacts", people[1], {"email": "meanwhile@example.com"})
        assert post(house, told["url"], told["secret"], body_of(rest, people[1])) == 503
        time.sleep(OUTAGE)
        postgres.start()

        assert eventually(lambda: post(house, told["url"], told["secret"], body_of(rest, people[1])) == 200)
        rest.hand_update("contacts", people[2], {"email": "after@example.com"})
        thin = orjson.dumps({"event": "contact.updated", "data": {"id": people[2]}})
        assert post(house, told["url"], told["secret"], thin) == 200
        assert eventually(lambda: emails_here(postgres, told["organization"]) == emails_there(rest)), tail(house)
    finally:
        house.stop()
