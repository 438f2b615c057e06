"""The Asana connector on its twin, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.context import Context
from connectors.base.errors import AuthError, NotFound, RateLimited, Rejected, UnknownOutcome
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.ports import SystemClock
from connectors.base.sandbox.server import Server, serve
from connectors.base.webhooks import BadSignature

BODY = (
    b'{"events":[{"user":{"gid":"1201110000000042","resource_type":"user"},"created_at":"2026-11-20T14:03:22.118Z",'
    b'"action":"changed","resource":{"gid":"1209900000000101","resource_type":"task","resource_subtype":'
    b'"default_task"},"parent":null,"change":{"field":"due_on","action":"changed"}}]}'
)
SECRET = "b5e1c2f0a94d4f3c8e7712ab90cd34ef"
SIGNATURE = "dc7cd68be486b6d0232f2bbecde6e6c287a1577ff1a535967bc870ceec82aadd"


@pytest.fixture
def twin() -> AsanaTwin:
    return AsanaTwin()


@pytest.fixture
def server(twin: AsanaTwin) -> Iterator[Server]:
    with serve(0, [twin]) as running:
        yield running


def connect(server: Server, token: str = "sandbox-token") -> AsanaConnector:
    settings = {"project": PROJECT, "workspace": WORKSPACE}
    return AsanaConnector(
        Context(server.url_of("asana"), settings, {"token": token}, SystemClock(), allow_private=True)
    )


@pytest.fixture
def asana(server: Server) -> AsanaConnector:
    return connect(server)


def ids(asana: AsanaConnector, **options: Any) -> list[str]:
    return [record.id for page in asana.pages(asana.resource("task"), **options) for record in page.records]


def test_knows_who_it_is(asana: AsanaConnector) -> None:
    assert asana.test().name == "Lockstep"


def test_a_bad_token_is_an_auth_error(server: Server) -> None:
    with pytest.raises(AuthError):
        connect(server, "wrong").test()


def test_pages_hold_each_task_once(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(250)
    found = ids(asana)
    assert len(found) == len(set(found)) == 250


def test_since_gives_changes_only(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(20)
    later = twin.clock.now() + timedelta(milliseconds=20)
    twin.clock.sleep(0.03)
    changed = next(iter(twin.store.all("tasks"))).id
    twin.hand_update("tasks", changed, {"name": "new"})
    assert ids(asana, since=later) == [changed]


def test_create_update_delete(twin: AsanaTwin, asana: AsanaConnector) -> None:
    task = asana.resource("task")
    made = asana.create(task, {"name": "a", "due_on": "2026-12-04", "assignee": {"gid": None}}, key="k")
    done = asana.update(task, made.id, {"completed": True, "assignee": {"gid": "1201110000000002"}}, current=made)
    assert (done.fields["completed"], done.fields["assignee"]["name"]) == (True, "Dana Okafor")
    asana.delete(task, made.id)
    asana.delete(task, made.id)
    with pytest.raises(NotFound):
        asana.fetch(task, made.id)


def test_section_tags_parent_and_custom_fields_take_their_own_calls(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(2)
    first, second = twin.store.live("tasks")
    task = asana.resource("task")
    wanted = {
        "memberships": [{"section": {"name": "Done"}}],
        "tags": [{"name": "urgent"}],
        "parent": {"gid": second.id},
        "custom_fields": [{"name": "Priority", "enum_value": {"name": "High"}}],
    }
    now = asana.update(task, first.id, wanted, current=asana.fetch(task, first.id)).fields
    assert now["memberships"][0]["section"]["name"] == "Done"
    assert [tag["name"] for tag in now["tags"]] == ["urgent"]
    assert now["parent"]["gid"] == second.id
    assert now["custom_fields"][0]["display_value"] == "High"


def test_a_refused_write_speaks_asanas_words(asana: AsanaConnector) -> None:
    with pytest.raises(Rejected, match="Not an email or user ID"):
        asana.create(asana.resource("task"), {"name": "a", "assignee": {"gid": "0"}}, key="k")


def test_a_lost_create_is_found_again(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.faults.add(Fault("lose_response", ("POST", "^/tasks$")))
    before = twin.clock.now()
    with pytest.raises(UnknownOutcome):
        asana.create(asana.resource("task"), {"name": "lost", "notes": ""}, key="k")
    found = asana.find_created(asana.resource("task"), {"name": "lost", "notes": ""}, key="k", after=before)
    assert [record.fields["name"] for record in found] == ["lost"]


def test_the_limit_says_when_to_come_back(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.faults.add(Fault("rate_limited", ("GET", ""), params={"retry_after": 7}))
    with pytest.raises(RateLimited) as caught:
        asana.test()
    assert caught.value.retry_after == 7


def test_the_feed_shows_changes_and_deletes(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(3)
    one, two, _ = [entry.id for entry in twin.store.all("tasks")]
    first = asana.feed(asana.resource("task"), None)
    twin.hand_update("tasks", one, {"name": "x"})
    twin.hand_delete("tasks", two)
    feed = asana.feed(asana.resource("task"), first.token)
    assert (first.expired, list(feed.changed), list(feed.deleted)) == (True, [one], [two])


def test_a_forgotten_sync_token_is_expired(twin: AsanaTwin, asana: AsanaConnector) -> None:
    token = asana.feed(asana.resource("task"), None).token
    twin.feed.expire()
    assert asana.feed(asana.resource("task"), token).expired


def test_many_are_read_in_batches_of_ten(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(12)
    wanted = [*(entry.id for entry in twin.store.all("tasks")), "999"]
    found = asana.fetch_many(asana.resource("task"), wanted)
    assert (len([r for r in found.values() if r]), found["999"], asana.client.calls) == (12, None, 2)


def test_registration_echoes_the_secret_and_deliveries_verify(twin: AsanaTwin, asana: AsanaConnector) -> None:
    received: list[HttpRequest] = []

    def receive(request: HttpRequest) -> HttpResponse:
        received.append(request)
        return HttpResponse(200, asana.handshake(request) or {})

    twin.webhooks.deliver = receive
    kept = asana.subscribe("https://example.com/hook", "unused")
    gid = twin.hand_create("tasks", {"name": "seen"}).id
    twin.clock.sleep(0.5)
    asana.verify(received[-1], [kept["secret"]], now=twin.clock.now())
    assert [(event.external_id, event.action) for event in asana.events(received[-1])] == [(gid, "created")]


def test_the_sheets_signature_verifies_and_a_tampered_body_does_not(asana: AsanaConnector) -> None:
    now = SystemClock().now()
    asana.verify(HttpRequest("POST", "/", {"X-Hook-Signature": SIGNATURE}, BODY), [SECRET], now=now)
    with pytest.raises(BadSignature):
        asana.verify(HttpRequest("POST", "/", {"X-Hook-Signature": SIGNATURE}, BODY + b" "), [SECRET], now=now)


def test_projects_can_be_picked(asana: AsanaConnector) -> None:
    assert asana.choices("project") == [(PROJECT, "Harbour Rd job")]
