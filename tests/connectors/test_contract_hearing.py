"""What every connector hears: change feeds and webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base.capabilities import Feeds, Listens
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.webhooks import BadSignature, BadTimestamp

from .bench import Bench, those
from .clock import until

HOOK = "http://127.0.0.1:9/hook"


@those(Feeds)
def test_the_feed_tells_of_changes_and_of_deletes(bench: Bench) -> None:
    seeded = bench.seed(3)
    connector = bench.connect()
    resource = bench.resource(connector)
    first = connector.feed(resource, None)
    bench.twin.hand_update(bench.contract.collection, seeded[0], bench.contract.change)
    bench.twin.hand_delete(bench.contract.collection, seeded[1])
    feed = connector.feed(resource, first.token)
    assert (first.expired, feed.expired) == (True, False)
    assert (list(feed.changed), list(feed.deleted)) == ([seeded[0]], [seeded[1]])
    assert list(connector.feed(resource, feed.token).deleted) == []


@those(Feeds)
def test_an_unknown_feed_token_is_expired(bench: Bench) -> None:
    connector = bench.connect()
    assert connector.feed(bench.resource(connector), "long-forgotten").expired


@those(Listens)
def test_webhooks_are_verified_and_say_what_happened(bench: Bench) -> None:
    request, secret, created = delivered(bench)
    connector = bench.connect()
    connector.verify(request, ["an older secret", secret], now=bench.clock.now())
    events = connector.events(request)
    assert [(event.resource, event.external_id) for event in events] == [(bench.contract.resource, created)]


@those(Listens)
def test_tampered_unsigned_and_foreign_webhooks_are_refused(bench: Bench) -> None:
    request, secret, _ = delivered(bench)
    connector, now = bench.connect(), bench.clock.now()
    tampered = replace(request, body=request.body.replace(b"{", b"{ ", 1))
    for bad, secrets in ((tampered, [secret]), (request, ["another"]), (request, []), (request, [""])):
        with pytest.raises(BadSignature):
            connector.verify(bad, secrets, now=now)
    kept = {name: value for name, value in request.headers.items() if "signature" not in name.lower()}
    with pytest.raises(BadSignature):
        connector.verify(replace(request, headers=kept), [secret], now=now)


@those(Listens)
def test_an_old_webhook_is_refused_where_it_carries_its_time(bench: Bench) -> None:
    if not bench.contract.stamped:
        pytest.skip("The provider's deliveries carry no time.")
    request, secret, _ = delivered(bench)
    with pytest.raises(BadTimestamp):
        bench.connect().verify(request, [secret], now=bench.clock.now() + timedelta(hours=1))


def delivered(bench: Bench) -> tuple[HttpRequest, str, str]:
    """A webhook of a record that a person made, its secret, and the record's id."""
    assert bench.contract.hook is not None
    received: list[HttpRequest] = []

    def receive(request: HttpRequest) -> HttpResponse:
        received.append(request)
        return HttpResponse(200)

    bench.twin.webhooks.deliver = receive
    secret = bench.contract.hook(bench.twin, HOOK)
    created = bench.seed(1)[0]
    assert until(lambda: received)
    return received[-1], secret, created
