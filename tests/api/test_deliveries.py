"""Webhook deliveries over HTTP: listed, shown without secrets, worked on again."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from integrations.models import WebhookDelivery
from tests.api.conftest import _no_calls_so_far, steward
from tests.records.factories import OrganizationFactory
from tests.webhooks.conftest import asana, hooked, rest, servers
from tests.webhooks.scene import Hooked

__all__ = ["_no_calls_so_far", "asana", "hooked", "rest", "servers"]
pytestmark = pytest.mark.urls("config.urls")


@pytest.fixture
def client(hooked: Hooked, settings: Any) -> APIClient:
    settings.ROOT_URLCONF = "config.urls"
    return steward(hooked.organization)


def url(hooked: Hooked, rest: str = "") -> str:
    return f"/api/admin/integrations/{hooked.integration.pk}/deliveries{rest}"


def test_what_came_is_listed_newest_first(client: APIClient, hooked: Hooked) -> None:
    made = hooked.contact()
    hooked.sync()
    hooked.twin.hand_update("contacts", made, {"email": "new@example.com"})
    hooked.post(hooked.body(made))
    hooked.post(hooked.body(made), secret="whsec_wrong")
    body = client.get(url(hooked)).json()
    assert [(one["verdict"], one["status"]) for one in body["deliveries"]] == [
        ("BAD_SIGNATURE", "REFUSED"),
        ("ACCEPTED", "PROCESSED"),
    ]
    assert body["pagination"]["total"] == 2
    good = body["deliveries"][1]
    assert (good["event"], good["eventCount"], good["repeats"]) == ("contact.updated", 1, 0)
    assert good["syncLogId"] == str(hooked.integration.sync_logs.latest("id").pk)
    (refused,) = client.get(url(hooked), {"verdict": "BAD_SIGNATURE"}).json()["deliveries"]
    assert refused["reason"]
    assert client.get(url(hooked), {"receivedAt__gte": "2999-01-01T00:00Z"}).json()["deliveries"] == []


def test_a_delivery_is_shown_without_secrets(client: APIClient, hooked: Hooked) -> None:
    hooked.post(hooked.body(hooked.contact(), api_key="k3y-of-somebody"))
    answer = client.get(url(hooked, f"/{hooked.last().pk}"))
    shown = answer.json()["delivery"]
    assert shown["body"]["data"]["email"] == "rosa@example.com"
    assert shown["body"]["data"]["api_key"] == "[redacted]"
    assert b"k3y-of-somebody" not in answer.content
    assert hooked.secret.encode() not in answer.content


@pytest.mark.parametrize(("kept", "shown"), [(b"", None), (b"not json", "not json"), (b"\xff", "\ufffd")])
def test_a_body_is_shown_as_far_as_it_was_kept(client: APIClient, hooked: Hooked, kept: bytes, shown: Any) -> None:
    hooked.post(hooked.body(hooked.contact()))
    WebhookDelivery.objects.update(body=kept)
    assert client.get(url(hooked, f"/{hooked.last().pk}")).json()["delivery"]["body"] == shown


def test_a_delivery_is_worked_on_again(client: APIClient, hooked: Hooked) -> None:
    made = hooked.contact()
    hooked.sync()
    hooked.post(orjson.dumps({"event": "contact.updated", "data": {"id": made}}))
    hooked.hear()
    hooked.twin.hand_update("contacts", made, {"email": "new@example.com"})
    answer = client.post(url(hooked, f"/{hooked.last().pk}/replay"))
    assert answer.json() == {"success": True, "deliveryId": str(hooked.last().pk), "queued": 1}
    assert (hooked.last().status, hooked.last().replays) == ("QUEUED", 1)
    hooked.hear()
    assert hooked.emails() == ["new@example.com"]


def test_what_was_not_genuine_is_not_worked_on(client: APIClient, hooked: Hooked) -> None:
    hooked.post(hooked.body(hooked.contact()), secret="whsec_wrong")
    answer = client.post(url(hooked, f"/{hooked.last().pk}/replay"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "cannot_replay")


def test_another_organization_sees_none_of_it(client: APIClient, hooked: Hooked) -> None:
    hooked.post(hooked.body(hooked.contact()))
    stranger = steward(OrganizationFactory(), "stranger")
    number = hooked.last().pk
    for place in ("", f"/{number}"):
        assert stranger.get(url(hooked, place)).status_code == 404
    assert stranger.post(url(hooked, f"/{number}/replay")).status_code == 404
    assert client.get(url(hooked, "/999999999")).status_code == 404
