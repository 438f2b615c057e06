"""From a person's edit at the provider to our record, over real HTTP and real commits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.server import Server
from connectors.base.sandbox.server import deliver as send
from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import ExternalChange, Integration, SyncLog, WebhookDelivery
from integrations.services import create_integration
from integrations.webhooks.registration import subscribe, unsubscribe
from records.models import Contact, Task
from sync_engine.ports import ports
from sync_engine.running import runs
from sync_engine.webhooks import hearing
from tests.records.factories import OrganizationFactory
from tests.webhooks.scene import Hooked, now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.webhooks.urls")]


@pytest.fixture
def public(settings: Any, live_server: Any) -> str:
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    settings.WEBHOOK_BASE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def integration(public: str, asana: AsanaTwin, servers: Server) -> Integration:
    made = create_integration(
        OrganizationFactory(),
        name="Asana",
        type="ASANA",
        base_url=servers.url_of("asana"),
        auth_type="BEARER_TOKEN",
        credentials={"token": "sandbox-token"},
        data_types=["TASKS"],
        settings={"project": PROJECT, "workspace": WORKSPACE},
    )
    assert not runs.execute(made, runs.Options()).failed
    return made


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def titles(integration: Integration) -> set[str]:
    return set(Task.objects.filter(organization=integration.organization_id).values_list("title", flat=True))


def make(asana: AsanaTwin, name: str) -> str:
    section = next(s.id for s in asana.store.live("sections") if s.fields["project"] == PROJECT)
    home = {"memberships": [{"project": PROJECT, "section": section}]}
    return asana.hand_create("tasks", {"name": name, **home}).id


def test_asana_shakes_hands_and_its_edits_arrive(integration: Integration, asana: AsanaTwin) -> None:
    kept = subscribe(integration, clock=ports().clock)
    assert set(kept) == {"id"}
    integration.refresh_from_db()
    assert set(integration.webhook_secret) == {"current", "subscription"}
    gid = make(asana, "Inspect attic")
    waiting = ExternalChange.objects.filter(integration=integration, external_id=gid)
    assert eventually(waiting.exists)
    assert hearing.hear(str(integration.pk))
    assert "Inspect attic" in titles(integration)
    asana.hand_update("tasks", gid, {"name": "Inspect the attic"})
    assert eventually(waiting.exists)
    assert hearing.hear(str(integration.pk))
    assert "Inspect the attic" in titles(integration)
    assert unsubscribe(integration, clock=ports().clock)
    assert list(asana.store.live("webhooks")) == []


def test_nobody_shakes_hands_uninvited(integration: Integration, client: Any) -> None:
    answer = client.post(
        integration.webhook_endpoint, b"{}", content_type="application/json", headers={"X-Hook-Secret": "mine"}
    )
    assert answer.status_code == 401
    assert "X-Hook-Secret" not in answer.headers


def test_a_burst_shuffled_repeated_and_dropped_ends_equal_to_the_twin(
    public: str, rest: GenericRestTwin, servers: Server
) -> None:
    hooked, chance = Hooked(rest, servers), random.Random(7)
    people = [hooked.contact(email=f"p{number}@example.com") for number in range(20)]
    assert not hooked.sync().failed
    sent = [edited(hooked, person, number) for number in range(10) for person in people]
    burst = [one for one in sent if chance.random() > 0.2]
    burst += [one for one in burst if chance.random() < 0.3]
    chance.shuffle(burst)
    tampered = [body.replace(b"round", b"wound") for body in burst[:10]]
    statuses = [posted(public, hooked, body, sign=body).status for body in burst]
    refused = [posted(public, hooked, body, sign=burst[0]).status for body in tampered]
    assert (set(statuses), set(refused)) == ({200}, {401})
    assert not hooked.sync().failed
    assert hooked.hear()
    there = sorted(entry.fields["email"] for entry in rest.store.live("contacts"))
    assert hooked.emails() == there
    assert Contact.objects.filter(organization=hooked.organization).count() == 20
    assert not WebhookDelivery.objects.filter(status="QUEUED").exists()
    assert not hooked.sync().counters["pulled"]


def edited(hooked: Hooked, person: str, number: int) -> bytes:
    hooked.twin.hand_update("contacts", person, {"email": f"{person[-6:]}-round{number}@example.com"})
    return hooked.body(person)


def posted(public: str, hooked: Hooked, body: bytes, *, sign: bytes) -> HttpResponse:
    headers = DefaultWebhooks().sign("contact.updated", sign, hooked.secret, at=now())
    url = public + hooked.url
    return send(HttpRequest("POST", url, {"Content-Type": "application/json", **headers}, body))


def test_one_delivery_sent_to_many_workers_is_one(public: str, rest: GenericRestTwin, servers: Server) -> None:
    hooked = Hooked(rest, servers)
    made = hooked.contact()
    assert not hooked.sync().failed
    body = edited(hooked, made, 1)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: posted(public, hooked, body, sign=body), range(16)))
    assert {answer.status for answer in answers} == {200}
    assert sum(b"duplicate" in answer.body for answer in answers) == 15
    assert (WebhookDelivery.objects.get().repeats, hooked.hear()) == (15, True)
    assert hooked.emails() == [entry.fields["email"] for entry in rest.store.live("contacts")]
    changed = SyncLog.objects.filter(integration=hooked.integration, operation="UPDATE")
    assert changed.count() == 1
