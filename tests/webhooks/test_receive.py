"""The door: what is answered, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import OperationalError

from connectors.base.webhooks import StandardWebhooks
from integrations.models import ExternalChange, WebhookDelivery
from integrations.webhooks.secrets import change, rotate_secret
from sync_engine.ports import SystemClock, bound
from tests.webhooks.scene import Hooked, now

R1_BODY = {
    "event": "task.updated",
    "data": {
        "id": "ext_789",
        "name": "Complete documentation",
        "status": "completed",
        "assigned_to": "ext_user_456",
        "updated_at": "2025-12-18T14:35:00Z",
    },
}


def queued(hooked: Hooked) -> list[str]:
    found = ExternalChange.objects.filter(integration=hooked.integration)
    return sorted(found.values_list("external_id", flat=True))


def test_r1s_example_is_taken(hooked: Hooked) -> None:
    answer = hooked.post(orjson.dumps(R1_BODY | {"event": "contact.updated"}))
    assert (answer.status_code, answer.json()) == (200, {"success": True, "status": "PENDING"})
    assert queued(hooked) == ["ext_789"]
    assert (hooked.last().verdict, hooked.last().status, hooked.last().event_count) == ("ACCEPTED", "QUEUED", 1)


def test_a_type_that_is_not_mapped_queues_nothing(hooked: Hooked) -> None:
    assert hooked.post(orjson.dumps(R1_BODY), more={"X-Webhook-Event": "task.updated"}).status_code == 200
    assert queued(hooked) == []


def test_a_sender_without_a_stamp_is_taken(hooked: Hooked) -> None:
    """R1's list of request headers has none."""
    body = orjson.dumps(R1_BODY)
    answer = hooked.post(body)
    signature = answer.wsgi_request.headers["X-Webhook-Signature"]
    other = body + b"\n"
    assert hooked.send(body, {"X-Webhook-Signature": signature}).status_code == 200
    assert hooked.send(other, {"X-Webhook-Signature": signature}).status_code == 401


def test_what_was_tampered_with_is_refused_and_not_kept(hooked: Hooked) -> None:
    body = hooked.body(hooked.contact())
    signature = hooked.post(body).wsgi_request.headers["X-Webhook-Signature"]
    stamp = str(int(now().timestamp()))
    answer = hooked.send(
        body.replace(b"Rosa", b"Rita"), {"X-Webhook-Signature": signature, "X-Webhook-Timestamp": stamp}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert (hooked.last().verdict, bytes(hooked.last().body)) == ("BAD_SIGNATURE", b"")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_stamp_is_refused(hooked: Hooked, minutes: int) -> None:
    hooked.integration.settings["config"].pop("webhook")  # R1's own scheme
    hooked.integration.save()
    answer = hooked.post(orjson.dumps(R1_BODY), at=now() + timedelta(minutes=minutes))
    assert answer.status_code == 400
    assert hooked.last().verdict == "STALE_TIMESTAMP"


def test_another_integrations_secret_does_not_open(hooked: Hooked) -> None:
    assert hooked.post(orjson.dumps(R1_BODY), secret="whsec_other").status_code == 401


def test_an_unknown_integration_is_not_found(hooked: Hooked) -> None:
    url = f"/api/webhooks/integrations/{uuid4()}/receive"
    assert hooked.send(b"{}", {}, url).status_code == 404


@pytest.mark.parametrize(("status", "answered"), [("DEGRADED", 200), ("PAUSED", 403), ("ERROR", 403)])
def test_only_an_active_integration_hears(hooked: Hooked, status: str, answered: int) -> None:
    hooked.integration.status = status
    hooked.integration.save()
    assert hooked.post(orjson.dumps(R1_BODY)).status_code == answered


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"event":"contact.updated","data":{}}',
                                  b'{"event":"contact.updated","data":{"id":"a\\u0000b"}}'])  # fmt: skip
def test_a_body_without_meaning_is_refused(hooked: Hooked, body: bytes) -> None:
    assert hooked.post(body).status_code == 400
    assert hooked.last().verdict == "BAD_PAYLOAD"


def test_an_oversize_body_is_refused_unread(hooked: Hooked, settings: Any) -> None:
    settings.WEBHOOK_MAX_BODY = 100
    assert hooked.post(b"x" * 101).status_code == 413
    assert hooked.last().verdict == "TOO_LARGE"


def test_only_listed_addresses_may_call(hooked: Hooked) -> None:
    hooked.integration.settings["webhook_ips"] = ["192.0.2.0/24"]
    hooked.integration.save()
    assert hooked.post(orjson.dumps(R1_BODY)).status_code == 403
    hooked.integration.settings["webhook_ips"] += ["127.0.0.1"]
    hooked.integration.save()
    assert hooked.post(orjson.dumps(R1_BODY)).status_code == 200


def test_a_probe_is_answered(hooked: Hooked) -> None:
    assert hooked.http.head(hooked.url).status_code == 200
    assert hooked.http.get(hooked.url).status_code == 200
    assert hooked.http.put(hooked.url).status_code == 405
    assert WebhookDelivery.objects.count() == 0


def test_the_database_is_away(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("sync_engine.webhooks.receive.accepting.accept", away)
    answer = hooked.post(orjson.dumps(R1_BODY))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_standard_webhooks_are_taken_and_known_by_their_id(hooked: Hooked) -> None:
    body = orjson.dumps(R1_BODY)
    signed = StandardWebhooks().sign("msg_1", body, [hooked.secret], at=now())
    assert hooked.send(body, signed).json() == {"success": True, "status": "PENDING"}
    assert hooked.send(body, signed).json()["duplicate"] is True
    other = StandardWebhooks().sign("msg_2", body, [hooked.secret], at=now())
    assert "duplicate" not in hooked.send(body, other).json()
    assert hooked.send(body + b" ", signed).status_code == 401


def test_a_repetition_is_counted_for_a_day(hooked: Hooked) -> None:
    body = orjson.dumps(R1_BODY)
    hooked.post(body)
    assert hooked.post(body).json() == {"success": True, "status": "SUCCESS", "duplicate": True}
    assert (hooked.last().repeats, WebhookDelivery.objects.count()) == (1, 1)
    WebhookDelivery.objects.update(received_at=now() - timedelta(hours=25))
    assert "duplicate" not in hooked.post(body).json()
    assert WebhookDelivery.objects.count() == 2


def test_the_secret_before_is_valid_for_the_overlap(hooked: Hooked) -> None:
    old = hooked.secret
    fresh = rotate_secret(hooked.integration, timedelta(hours=1), now=now())
    assert hooked.post(b'{"event":"x","data":{"id":"1"}}', secret=old).status_code == 200
    assert hooked.post(b'{"event":"x","data":{"id":"2"}}', secret=fresh).status_code == 200
    rotate_secret(hooked.integration, timedelta(0), now=now())
    assert hooked.post(b'{"event":"x","data":{"id":"3"}}', secret=fresh).status_code == 401


def test_a_broken_configuration_refuses_and_keeps_no_body(hooked: Hooked) -> None:
    hooked.integration.settings["config"]["webhook"] = {"kind": "unheard of"}
    hooked.integration.save()
    assert hooked.post(orjson.dumps(R1_BODY)).status_code == 403
    assert (hooked.last().verdict, bytes(hooked.last().body)) == ("INACTIVE", b"")


def test_no_secret_refuses(hooked: Hooked) -> None:
    change(hooked.integration, lambda _: {})
    assert hooked.post(orjson.dumps(R1_BODY)).status_code == 401


def test_signatures_are_not_kept(hooked: Hooked) -> None:
    hooked.post(orjson.dumps(R1_BODY), more={"Authorization": "Bearer very-secret"})
    kept = orjson.dumps(hooked.last().headers).decode()
    assert "very-secret" not in kept
    assert hooked.last().headers["X-Webhook-Signature"] == "[redacted]"


def test_refusals_do_not_fill_the_disk(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(105):
        hooked.post(b"%d" % number, secret="wrong")
    assert WebhookDelivery.objects.count() == 100


VECTOR = b'{"type":"task.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":"tsk_1","title":"Inspect attic"}}'
FIRST, NEXT = "v1,w+71kBhApu+Jm1sfxYnsGx/ocY/pF9iBp03hipzy1e4=", "v1,7PxvzusZjWL5VPDNxI28ZNPaqmeDvMoXVS6PbSKcWd4="
MINE, THEIRS = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY", "whsec_GRobHB0eHyAhIiMkJSYnKCkqKywtLi8w"


@pytest.mark.parametrize(
    ("secret", "signatures", "late", "answered"),
    [
        (MINE, FIRST, 0, 200),
        (THEIRS, f"{FIRST} v9,zzzz garbage {NEXT}", 0, 200),
        (MINE, f"{NEXT} {FIRST}", 300, 200),
        (MINE, NEXT, 0, 401),
        (MINE, "v1,I8dUA4UWu1M2xOKjJJK/6QfMEkF1Eqc2daFOhrugbjQ=", 0, 401),
        (MINE, FIRST.replace("v1,", "v1a,"), 0, 401),
        (MINE, FIRST, 301, 400),
        (MINE, FIRST, -301, 400),
    ],
)
def test_vectors_of_standard_webhooks(hooked: Hooked, secret: str, signatures: str, late: int, answered: int) -> None:
    class Then(SystemClock):
        def now(self) -> datetime:
            return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=late)

    rotate_secret(hooked.integration, now=now(), secret=secret)
    headers = {
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": "1767225600",
        "webhook-signature": signatures,
    }
    with bound(clock=Then()):
        assert hooked.send(VECTOR, headers).status_code == answered
