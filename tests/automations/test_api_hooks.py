"""What Zapier, Make and n8n do with the API: test the connection, look at samples, subscribe, unsubscribe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from automations.models import Hook, HookDelivery
from tests.automations import api
from tests.automations.receiver import Receiver
from tests.automations.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(scene: Scene) -> APIClient:
    return api.of(scene)


def test_from_subscription_to_delivery_to_the_end(client: APIClient, scene: Scene, receiver: Receiver) -> None:
    made = client.post("/api/hooks", {"targetUrl": receiver.url, "event": "task.updated"})
    assert made.status_code == 201, made.json()
    assert (made.json()["targetUrl"], made.json()["event"]) == (receiver.url, "task.updated")
    secret, one = made.json()["secret"], f"/api/hooks/{made.json()['id']}"
    scene.edit(scene.task("Attic"), status="COMPLETED")
    scene.work()
    (letter,) = receiver.letters
    assert Webhook(secret).verify(letter.body, letter.headers)["data"]["status"] == "COMPLETED"
    (sent,) = client.get(f"{one}/deliveries").json()["deliveries"]
    assert (sent["status"], sent["messageId"], sent["tries"][0]["status"]) == ("DELIVERED", letter.id, 200)
    assert client.delete(one).status_code == 204
    assert client.delete(one).status_code == 404
    scene.edit(scene.task("Attic"), status="COMPLETED")
    scene.work()
    assert len(receiver.letters) == 1


def test_subscribing_twice_makes_one(client: APIClient, receiver: Receiver) -> None:
    body = {"targetUrl": receiver.url, "events": ["task.updated", "task.created"]}
    first, second = client.post("/api/hooks", body), client.post("/api/hooks", body)
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    assert second.json()["secret"] is None
    assert first.json()["secret"].encode() not in second.content
    assert Hook.objects.count() == 1


def test_neither_secret_nor_address_is_shown_again(client: APIClient, receiver: Receiver) -> None:
    made = client.post("/api/hooks", {"targetUrl": f"{receiver.url}/s3cret", "event": "*"}).json()
    shown = client.get("/api/hooks").content + client.get(f"/api/hooks/{made['id']}").content
    assert b"s3cret" not in shown
    assert made["secret"].encode() not in shown


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({"event": "task.updated"}, "targetUrl", "required"),
        ({"targetUrl": "https://example.org"}, "event", "task.updated"),
        ({"targetUrl": "https://example.org", "event": "nope"}, "events", "TYPE.created"),
        ({"targetUrl": "ftp://example.org", "event": "task.updated"}, "targetUrl", "http"),
        ({"targetUrl": "http://127.0.0.1/", "event": "task.updated"}, "targetUrl", "private or local"),
        ({"targetUrl": "http://169.254.169.254/latest", "event": "task.updated"}, "targetUrl", "never called"),
        (
            {"targetUrl": "https://u:p@example.org", "event": "task.updated"},
            "targetUrl",
            "user name",
        ),
        (
            {
                "targetUrl": "https://example.org",
                "event": "task.updated",
                "conditions": {"all": [{"field": "x", "operator": "is", "value": 1}]},
            },
            "conditions.all[0].field",
            "title",
        ),
        (
            {
                "targetUrl": "https://example.org",
                "event": "*",
                "conditions": {"all": [{"field": "title", "operator": "empty"}]},
            },
            "conditions",
            "one type",
        ),
    ],
)
def test_what_cannot_be_subscribed(
    client: APIClient, settings: Any, body: dict[str, Any], field: str, says: str
) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    answer = client.post("/api/hooks", body)
    assert answer.status_code == 400
    assert says in str(answer.json()["error"]["fields"][field])


def test_samples_have_the_shape_of_what_is_sent(client: APIClient, scene: Scene, receiver: Receiver) -> None:
    invented = client.get("/api/hooks/samples/task.updated").json()
    client.post("/api/hooks", {"targetUrl": receiver.url, "event": "task.*"})
    task = scene.task("Attic")
    scene.edit(task, title="Attic!")
    scene.work()
    samples = client.get("/api/hooks/samples/task.updated").json()
    sent = receiver.letters[-1].json
    assert (len(invented), len(samples)) == (1, 1)
    for sample in (*invented, *samples):
        assert set(sample) == set(sent)
        assert set(sample["data"]) == set(sent["data"])
        assert sample["type"] == "task.updated"
    assert samples[0]["data"]["title"] == "Attic!"


def test_every_event_has_a_sample(client: APIClient) -> None:
    events = [one["id"] for one in client.get("/api/hooks/events").json()]
    assert {"task.created", "job.updated", "conflict.opened", "run.failed"} <= set(events)
    for event in (*events, "*", "task.*"):
        assert client.get(f"/api/hooks/samples/{event}").json()[0]["data"], event
    assert client.get("/api/hooks/samples/nope").status_code == 400


def test_a_test_message_reaches_the_receiver(client: APIClient, scene: Scene, receiver: Receiver) -> None:
    made = client.post("/api/hooks", {"targetUrl": receiver.url, "event": "task.created"}).json()
    assert client.post(f"/api/hooks/{made['id']}/test").status_code == 202
    scene.work()
    assert receiver.letters[0].json["type"] == "ping"


def test_a_new_secret_is_shown_once(client: APIClient, receiver: Receiver) -> None:
    made = client.post("/api/hooks", {"targetUrl": receiver.url, "event": "task.created"}).json()
    rotated = client.post(f"/api/hooks/{made['id']}/rotate-secret").json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["previousUntil"]


def test_pause_change_resume_and_replay(client: APIClient, scene: Scene, receiver: Receiver) -> None:
    made = client.post("/api/hooks", {"targetUrl": receiver.url, "event": "task.created"}).json()
    one = f"/api/hooks/{made['id']}"
    receiver.statuses = [500]
    scene.task("first")
    scene.work()
    assert client.post(f"{one}/pause").json()["status"] == "PAUSED"
    assert client.post(f"{one}/test").status_code == 409
    changed = client.patch(one, {"events": ["task.deleted"], "description": "n8n"}).json()
    assert (changed["events"], changed["description"]) == (["task.deleted"], "n8n")
    assert client.post(f"{one}/resume").json()["status"] == "ACTIVE"
    scene.work()
    assert len(receiver.letters) == 2
    delivery = HookDelivery.objects.get()
    assert client.post(f"/api/hooks/deliveries/{delivery.pk}/replay").json()["status"] == "WAITING"
    refused = client.post(f"/api/hooks/deliveries/{delivery.pk}/replay")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "cannot_replay")
    HookDelivery.objects.update(status="FAILED")
    since = {"since": (timezone.now() - timedelta(days=1)).isoformat()}
    assert client.post(f"{one}/replay", since).json() == {"success": True, "count": 1}


def test_what_belongs_to_others_is_not_there(scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    scene.task()
    scene.work()
    other, one = api.stranger(), f"/api/hooks/{hook.pk}"
    assert other.get("/api/hooks").json()["hooks"] == []
    sent = HookDelivery.objects.get()
    places = [
        ("get", one),
        ("patch", one),
        ("delete", one),
        ("post", f"{one}/rotate-secret"),
        ("post", f"{one}/pause"),
        ("post", f"{one}/resume"),
        ("post", f"{one}/test"),
        ("post", f"{one}/replay"),
        ("get", f"{one}/deliveries"),
        ("post", f"/api/hooks/deliveries/{sent.pk}/replay"),
    ]
    body = {"since": timezone.now().isoformat()}
    assert [getattr(other, method)(place, body).status_code for method, place in places] == [404] * len(places)


def test_a_connection_is_tested_by_asking_who_one_is(client: APIClient, scene: Scene) -> None:
    me = client.get("/api/me").json()
    assert (me["name"], me["organization"]["slug"]) == ("dana", scene.organization.slug)
    assert APIClient().get("/api/me").status_code == 401


def test_a_gone_subscription_can_be_made_anew(client: APIClient, scene: Scene, receiver: Receiver) -> None:
    body = {"targetUrl": receiver.url, "event": "task.created"}
    first = client.post("/api/hooks", body).json()
    receiver.statuses = [410]
    scene.task()
    scene.work()
    assert client.get(f"/api/hooks/{first['id']}").json()["status"] == "GONE"
    again = client.post("/api/hooks", body)
    assert again.status_code == 201
    assert again.json()["id"] != first["id"]
