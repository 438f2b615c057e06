"""Deliveries: each kind of proof, with the vectors of the sheet, and what they say."""

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from connectors.base.http import HttpRequest
from connectors.base.webhooks import BadPayload, BadSignature, BadTimestamp

from .helpers import document, told

BODY = b'{"type":"task.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":"tsk_1","title":"Inspect attic"}}'
PLAIN = "5c19d2a78aac7174b80f7ced0955a9d38567ae2ca27c75a12e2cefdb28b35422"
STAMPED = "f6094a23cfd80b6be6294382c55a2e827d6d19148c825380218f16c80806586c"
STANDARD = "v1,w+71kBhApu+Jm1sfxYnsGx/ocY/pF9iBp03hipzy1e4="
GITHUB = "sha256=172ed3c94879818cf73dde6f2dbab60918f3d0e01f32dd5ff5e07b18cf0080ea"
STAMP = "1767225600"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://lockstep.example.com/api/webhooks/integrations/1/receive"

SIGNED_STAMP = {
    "kind": "hmac",
    "signed": "{timestamp}.{body}",
    "timestamp": {"header": "X-Webhook-Timestamp"},
}
GITHUB_LIKE = {"kind": "hmac", "header": "X-Hub-Signature-256", "prefix": "sha256=", "encoding": "hex"}
STANDARD_HEADERS = {
    "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    "webhook-timestamp": STAMP,
    "webhook-signature": STANDARD,
}
BASIC = "Basic " + base64.b64encode(b"hook:pass").decode()

GOOD = {
    "default": (None, {"X-Webhook-Signature": PLAIN, "X-Webhook-Timestamp": STAMP}, "whsec_test123", URL),
    "stamp": (SIGNED_STAMP, {"X-Webhook-Signature": STAMPED, "X-Webhook-Timestamp": STAMP}, "whsec_test123", URL),
    "hmac": (GITHUB_LIKE, {"X-Hub-Signature-256": GITHUB}, "It's a Secret to Everybody (ours)", URL),
    "standard": ({"kind": "standard"}, STANDARD_HEADERS, "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY", URL),
    "static": ({"kind": "static", "header": "X-Hub-Token"}, {"X-Hub-Token": "shared"}, "shared", URL),
    "basic": ({"kind": "basic"}, {"Authorization": BASIC}, "hook:pass", URL),
    "url_token": ({"kind": "url_token"}, {}, "shared", URL + "?token=shared"),
}


def connector(hook):
    return told(document({}, **({"webhook": hook} if hook else {})))


@pytest.mark.parametrize("name", GOOD)
def test_a_genuine_delivery_passes(name):
    hook, headers, secret, url = GOOD[name]
    request = HttpRequest("POST", url, headers, BODY)
    connector(hook).verify(request, ["another", secret], now=NOW)


@pytest.mark.parametrize("name", GOOD)
def test_another_secret_or_none_is_refused(name):
    hook, headers, _, url = GOOD[name]
    request = HttpRequest("POST", url, headers, BODY)
    for secrets in (["another"], [], [""]):
        with pytest.raises(BadSignature):
            connector(hook).verify(request, secrets, now=NOW)


@pytest.mark.parametrize("name", ["default", "stamp", "hmac", "standard"])
def test_a_changed_body_is_refused(name):
    hook, headers, secret, url = GOOD[name]
    with pytest.raises(BadSignature):
        connector(hook).verify(HttpRequest("POST", url, headers, BODY + b" "), [secret], now=NOW)


@pytest.mark.parametrize("name", ["default", "stamp", "standard"])
@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_delivery_is_refused(name, seconds):
    hook, headers, secret, url = GOOD[name]
    request = HttpRequest("POST", url, headers, BODY)
    with pytest.raises(BadTimestamp):
        connector(hook).verify(request, [secret], now=NOW + timedelta(seconds=seconds))


def test_kind_none_receives_nothing():
    with pytest.raises(BadSignature, match="receives no webhooks"):
        connector({"kind": "none"}).verify(HttpRequest("POST", URL, {}, BODY), ["x"], now=NOW)


def said(hook, data, headers=None):
    return connector(hook).events(HttpRequest("POST", URL, headers or {}, orjson.dumps(data)))


def test_events_are_hints_unless_a_record_is_configured():
    (event,) = connector(None).events(HttpRequest("POST", URL, {}, BODY))
    assert (event.resource, event.external_id, event.action, event.record) == ("task", "tsk_1", "changed", None)
    (event,) = connector({"kind": "hmac", "record": "data"}).events(HttpRequest("POST", URL, {}, BODY))
    assert event.record is not None
    assert event.record.fields["title"] == "Inspect attic"


def test_strapi_s_shape():
    hook = {"kind": "static", "header": "X-Hub-Token", "event": "event", "record_id": "entry.documentId"}
    (event,) = said(hook, {"event": "entry.delete", "entry": {"documentId": "abc"}})
    assert (event.resource, event.external_id, event.action) == ("task", "abc", "deleted")


def test_a_table_names_resource_types_and_others_are_left_out():
    hook = {"kind": "hmac", "event": "header:X-Event", "resource": {"ticket": "task"}, "record_id": "id"}
    assert said(hook, {"id": 4}, {"x-event": "ticket.created"})[0].action == "created"
    assert said(hook, {"id": 4}, {"x-event": "invoice.created"}) == []


def test_a_batch_holds_several_events_and_a_mark_of_deletion():
    hook = {"kind": "hmac", "batch": "events", "record_id": "id", "deleted": {"path": "gone", "in": [True]}}
    data = {"type": "task.changed", "events": [{"id": 1, "gone": True}, {"id": 2, "gone": False}]}
    assert [(event.external_id, event.action) for event in said(hook, data)] == [("1", "deleted"), ("2", "changed")]


def test_what_cannot_be_read_is_a_bad_payload():
    with pytest.raises(BadPayload):
        connector(None).events(HttpRequest("POST", URL, {}, b"<html>"))
    with pytest.raises(BadPayload, match="record id"):
        said(None, {"event": "task.updated", "data": {}})


def test_challenges_are_echoed():
    echo = connector({"kind": "hmac", "challenge": "echo_json:challenge"})
    answer = echo.challenge(HttpRequest("POST", URL, {}, b'{"challenge": "abc"}'))
    assert answer is not None
    assert answer.body == b'{"challenge":"abc"}'
    assert echo.challenge(HttpRequest("POST", URL, {}, BODY)) is None
    query = connector({"kind": "hmac", "challenge": "echo_query:hub.challenge"})
    answer = query.challenge(HttpRequest("GET", URL + "?hub.challenge=1158"))
    assert answer is not None
    assert answer.body == b"1158"


def test_the_delivery_id_is_read_where_it_is_configured():
    hook = connector({"kind": "hmac", "id": "header:X-Webhook-Id"})
    assert hook.delivery_id(HttpRequest("POST", URL, {"x-webhook-id": "d-1"}, BODY)) == "d-1"
