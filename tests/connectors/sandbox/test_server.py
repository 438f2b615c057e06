"""Twins over HTTP: connections, parallel callers, webhooks to a registered address, limits."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.server import Server, deliver, serve, twin_of
from connectors.base.sandbox.webhooks import RETRIES, DeliveryFailed
from connectors.base.transport import shared
from connectors.base.webhooks import DefaultWebhooks
from connectors.generic_rest.sandbox import GenericRestTwin

from ..clock import EagerClock, until
from .net import TOKEN, Inbox


@pytest.fixture
def clock() -> EagerClock:
    return EagerClock()


@pytest.fixture
def server(clock: EagerClock) -> Iterator[Server]:
    twin = GenericRestTwin(clock=clock, settings={"rate_limit": 500})
    with serve(0, [twin, Inbox(clock=clock)]) as running:
        yield running


@pytest.fixture
def twin(server: Server) -> GenericRestTwin:
    found = server.twins["generic_rest"]
    assert isinstance(found, GenericRestTwin)
    return found


@pytest.fixture
def inbox(server: Server) -> Inbox:
    found = server.twins["inbox"]
    assert isinstance(found, Inbox)
    return found


def send(server: Server, method: str, path: str, body: bytes = b"") -> HttpResponse:
    return shared(True).send(HttpRequest(method, f"{server.url}{path}", TOKEN, body), timeout=10)


def test_eight_callers_at_once_lose_nothing(server: Server, twin: GenericRestTwin) -> None:
    def work(caller: int) -> list[str]:
        made = [orjson.dumps({"first_name": f"{caller}-{number}"}) for number in range(25)]
        ids = [orjson.loads(send(server, "POST", "/generic_rest/contacts", body).body)["id"] for body in made]
        assert send(server, "GET", "/generic_rest/contacts?per_page=100").status == 200
        return ids

    with ThreadPoolExecutor(8) as pool:
        ids = [each for made in pool.map(work, range(8)) for each in made]
    assert len(set(ids)) == 200
    assert {entry.id for entry in twin.store.live("contacts")} == set(ids)
    assert (len(twin.requests()), twin.counts["POST"], twin.counts["GET"]) == (208, 200, 8)


def test_a_connection_serves_many_requests_until_it_is_told_to_close(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    for headers in (TOKEN, TOKEN, {**TOKEN, "Connection": "close"}):
        connection.request("GET", "/generic_rest/contacts", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, len(answer.read()) > 0) == (200, True)
    assert connection.sock is None


@pytest.mark.parametrize("head", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"])
def test_what_is_not_readable_ends_the_connection(server: Server, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(head)
        assert raw.recv(100) == b""


def test_an_unknown_provider_is_named(server: Server) -> None:
    answer = send(server, "GET", "/nobody/tasks")
    assert (answer.status, b"Known: generic_rest, inbox" in answer.body) == (404, True)


def test_a_spent_limit_says_how_long_to_wait(server: Server, twin: GenericRestTwin, clock: EagerClock) -> None:
    twin.rate_limit = 2
    answers = [send(server, "GET", "/generic_rest/contacts") for _ in range(3)]
    assert [each.status for each in answers] == [200, 200, 429]
    clock.sleep(int(answers[-1].headers["retry-after"]))
    assert send(server, "GET", "/generic_rest/contacts").status == 200


def test_a_registered_address_gets_signed_webhooks(server: Server, inbox: Inbox, clock: EagerClock) -> None:
    hook = orjson.dumps({"url": f"{server.url}/inbox/hook", "secret": "s3cret"})
    hook_id = orjson.loads(send(server, "POST", "/generic_rest/webhooks", hook).body)["id"]
    send(server, "POST", "/generic_rest/contacts", b'{"first_name": "a"}')
    assert until(lambda: inbox.received)
    DefaultWebhooks().verify(inbox.received[0], ["s3cret"], now=clock.now())
    assert orjson.loads(inbox.received[0].body)["event"] == "contact.created"
    send(server, "DELETE", f"/generic_rest/webhooks/{hook_id}")
    send(server, "POST", "/generic_rest/contacts", b'{"first_name": "b"}')
    assert not until(lambda: len(inbox.received) > 1, 0.3)


def test_a_webhook_that_is_not_taken_comes_again(
    server: Server, twin: GenericRestTwin, inbox: Inbox, clock: EagerClock
) -> None:
    inbox.statuses = [500, 503]
    twin.hook(f"{server.url}/inbox/hook", "s3cret")
    twin.hand_create("contacts", {"first_name": "a"})
    assert until(lambda: clock.sleep(RETRIES[0]) or len(twin.webhooks.sent) == 3)
    assert [status for _, status in twin.webhooks.sent] == [500, 503, 200]
    assert len({request.body for request in inbox.received}) == 1


def test_a_webhook_that_nobody_takes_is_given_up(twin: GenericRestTwin, clock: EagerClock) -> None:
    def nobody(request: HttpRequest) -> HttpResponse:
        raise DeliveryFailed("nobody")

    twin.webhooks.deliver = nobody
    twin.hook("http://127.0.0.1:9/", "s3cret")
    twin.hand_create("contacts", {"first_name": "a"})
    assert until(lambda: clock.sleep(60) or len(twin.webhooks.sent) == 1 + len(RETRIES))
    assert until(lambda: not twin.webhooks.pending)
    assert not until(lambda: clock.sleep(60) or len(twin.webhooks.sent) > 1 + len(RETRIES), 0.3)


def test_an_unreachable_address_is_a_failed_delivery() -> None:
    with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1"):
        deliver(HttpRequest("POST", "http://127.0.0.1:9/hook"), timeout=2)


def test_a_connector_without_a_twin_is_named() -> None:
    with pytest.raises(LookupError, match="no sandbox"):
        twin_of("nobody")


def test_starting_twice_serves_once(server: Server) -> None:
    assert server.start() is server
