"""Messages reach a real web server, signed as Standard Webhooks says; again after a failure, until it is given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from automations import signals
from automations.hooks import sending, services
from automations.models import Hook, HookDelivery
from connectors.base.http import HttpRequest
from connectors.base.webhooks import DefaultWebhooks
from records import services as records
from records.origins import Origin
from sync_engine.ports import ports
from tests.automations.receiver import Receiver
from tests.automations.scene import CREATED, PERSON, TASK, Scene, SetClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def switched_off() -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(sender: Any, hook: Hook, reason: str, **_news: Any) -> None:
        heard.append(reason)

    signals.hook_switched_off.connect(hear)
    yield heard
    signals.hook_switched_off.disconnect(hear)


def deliveries(hook: Hook) -> list[HookDelivery]:
    return list(HookDelivery.objects.filter(hook=hook).order_by("id"))


def test_a_receiver_verifies_what_it_gets_with_the_official_library(scene: Scene, receiver: Receiver) -> None:
    hook, secret = scene.hook(receiver.url, "task.created")
    task = scene.task("Inspect attic")
    scene.work()
    (letter,) = receiver.letters
    verified = Webhook(secret).verify(letter.body, letter.headers)
    assert verified["type"] == "task.created"
    assert verified["data"]["id"] == str(task.pk)
    (sent,) = deliveries(hook)
    assert (sent.status, sent.last_status, sent.attempts, sent.message_id) == ("DELIVERED", 200, 1, letter.id)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(letter.body.replace(b"attic", b"cellar"), letter.headers)


def test_r1s_header_is_sent_beside_it(scene: Scene, receiver: Receiver) -> None:
    _, secret = scene.hook(receiver.url, "task.created")
    scene.task()
    scene.work()
    (letter,) = receiver.letters
    request = HttpRequest("POST", receiver.url, letter.headers, letter.body)
    DefaultWebhooks().verify(request, [secret], now=ports().clock.now())
    assert letter.headers["x-webhook-event"] == "task.created"


def test_what_a_message_says(scene: Scene, receiver: Receiver) -> None:
    scene.hook(receiver.url, "task.*")
    task = scene.task("Old", labels=["a"])
    scene.edit(task, title="New", status="COMPLETED")
    records.delete(TASK, str(scene.organization.pk), str(task.pk), PERSON)
    scene.work()
    created, updated, deleted = (letter.json for letter in receiver.letters)
    assert [one["type"] for one in (created, updated, deleted)] == ["task.created", "task.updated", "task.deleted"]
    assert updated["changedFields"] == ["status", "title"]
    assert updated["previous"] == {"title": "Old", "status": "TODO"}
    assert (updated["data"]["title"], updated["data"]["assignedToId"]) == ("New", None)
    assert updated["origin"] == {"by": "user", "actor": "Dana"}
    assert updated["organizationId"] == str(scene.organization.pk)
    assert created["sequence"] < updated["sequence"] < deleted["sequence"]
    assert set(created) == set(updated) == set(deleted)
    assert deleted["data"]["deleted"] is True


def test_conditions_and_events_choose(scene: Scene, receiver: Receiver) -> None:
    only = {"all": [{"field": "priority", "operator": "is", "value": "URGENT"}]}
    scene.hook(receiver.url, "task.created", "task.updated", conditions=only)
    scene.task("calm")
    task = scene.task("urgent", priority="URGENT")
    records.delete(TASK, str(scene.organization.pk), str(task.pk), PERSON)
    scene.work()
    assert [letter.json["data"]["title"] for letter in receiver.letters] == ["urgent"]


def test_a_workflow_need_not_hear_itself(scene: Scene, receiver: Receiver, django_user_model: Any) -> None:
    zapier = django_user_model.objects.create_user("zapier")
    scene.hook(receiver.url, "task.created", created_by=zapier, skip_own=True)
    scene.task("mine", Origin("api", str(zapier.pk), "zapier"))
    scene.task("yours")
    scene.work()
    assert [letter.json["data"]["title"] for letter in receiver.letters] == ["yours"]


def test_what_failed_is_sent_again_with_the_same_id_and_body(scene: Scene, receiver: Receiver, clock: SetClock) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.statuses = [500, 503]
    scene.task()
    scene.work()
    (sent,) = deliveries(hook)
    assert (sent.status, sent.last_status, sent.attempts) == ("WAITING", 500, 1)
    clock.pass_(seconds=6)
    scene.work()
    clock.pass_(minutes=6)
    scene.work()
    (sent,) = deliveries(hook)
    assert (sent.status, [attempt["status"] for attempt in sent.tries]) == ("DELIVERED", [500, 503, 200])
    assert len(set(receiver.ids)) == 1
    assert len({letter.body for letter in receiver.letters}) == 1
    assert len({letter.headers["webhook-timestamp"] for letter in receiver.letters}) == 3
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.not_before) == (0, None, None)


def test_a_receiver_in_trouble_is_left_alone_and_gets_everything_in_order_later(
    scene: Scene, receiver: Receiver, clock: SetClock
) -> None:
    scene.hook(receiver.url, "task.created")
    receiver.statuses = [500, 500]
    for number in range(5):
        scene.task(str(number))
    scene.work()
    assert len(receiver.letters) == 1
    clock.pass_(seconds=6)
    scene.work()
    assert len(receiver.letters) == 2
    clock.pass_(minutes=6)
    scene.work()
    assert [letter.json["data"]["title"] for letter in receiver.letters[2:]] == list("01234")


def test_retry_after_is_honoured(scene: Scene, receiver: Receiver, clock: SetClock) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.statuses, receiver.headers = [429], {"Retry-After": "3600"}
    scene.task()
    scene.work()
    assert deliveries(hook)[0].next_attempt_at == clock.now() + timedelta(hours=1)


def test_gone_ends_it_at_once(scene: Scene, receiver: Receiver, switched_off: list[str]) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.statuses = [410]
    scene.task()
    scene.work()
    hook.refresh_from_db()
    assert (hook.status, deliveries(hook)[0].status, len(switched_off)) == ("GONE", "FAILED", 1)
    scene.task()
    scene.work()
    assert len(receiver.letters) == 1


def test_after_days_of_failure_it_is_switched_off_and_switched_on_it_goes_on(
    scene: Scene, receiver: Receiver, clock: SetClock, switched_off: list[str]
) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.statuses = [500] * 100
    scene.task("first")
    for _ in range(60):
        scene.work()
        clock.pass_(hours=2)
    hook.refresh_from_db()
    (sent,) = deliveries(hook)
    assert (hook.status, sent.status, sent.attempts) == ("DISABLED", "FAILED", 10)
    assert "Nothing was accepted since" in switched_off[0]
    assert len(switched_off) == 1
    receiver.statuses = []
    services.resume(hook)
    assert services.replay_since(hook, clock.now() - timedelta(days=30)) == 1
    scene.task("second")
    scene.work()
    assert [letter.json["data"]["title"] for letter in receiver.letters[10:]] == ["first", "second"]
    assert receiver.ids[0] == receiver.ids[10]


def test_one_bad_message_does_not_switch_off_a_receiver_that_lives(
    scene: Scene, receiver: Receiver, clock: SetClock
) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    scene.task("bad")
    scene.work()
    bad = deliveries(hook)[0]
    HookDelivery.objects.filter(pk=bad.pk).update(status="WAITING", attempts=9, next_attempt_at=clock.now())
    HookDelivery.objects.filter(pk=bad.pk).update(first_attempt_at=clock.now() - timedelta(days=3))
    receiver.statuses = [400]
    scene.work()
    hook.refresh_from_db()
    assert (hook.status, deliveries(hook)[0].status) == ("ACTIVE", "FAILED")


@pytest.mark.parametrize(("status", "says"), [(302, "redirect"), (404, "not registered"), (500, "answered 500")])
def test_what_went_wrong_is_kept_for_people(scene: Scene, receiver: Receiver, status: int, says: str) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.statuses, receiver.answer = [status], b"The requested webhook is not registered."
    scene.task()
    scene.work()
    assert says in deliveries(hook)[0].last_error


def test_a_receiver_that_cannot_be_reached_is_tried_again(scene: Scene, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = True
    hook, _ = scene.hook("http://127.0.0.1:9/nobody", "task.created")
    scene.task()
    scene.work()
    (sent,) = deliveries(hook)
    assert (sent.status, sent.last_status) == ("WAITING", 0)
    assert "cannot be reached" in sent.last_error


def test_a_slow_answer_is_no_answer_and_the_id_tells_the_repetition(
    scene: Scene, receiver: Receiver, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.base import outgoing

    monkeypatch.setattr(outgoing, "TIMEOUT", 0.2)
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.wait = 1.0
    scene.task()
    scene.work()
    assert deliveries(hook)[0].last_status == 0
    receiver.wait = 0
    clock.pass_(seconds=6)
    scene.work()
    assert (deliveries(hook)[0].status, len(receiver.ids), len(set(receiver.ids))) == ("DELIVERED", 2, 1)


def test_a_large_answer_does_no_harm(scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.answer = b"x" * 5_000_000
    scene.task()
    scene.work()
    assert deliveries(hook)[0].status == "DELIVERED"


def test_a_private_address_is_not_called(scene: Scene, receiver: Receiver, settings: Any) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    settings.ALLOW_PRIVATE_HOSTS = False
    scene.task()
    scene.work()
    assert receiver.letters == []
    assert "private or local address" in deliveries(hook)[0].last_error


def test_for_a_day_both_secrets_sign(scene: Scene, receiver: Receiver, clock: SetClock) -> None:
    hook, old = scene.hook(receiver.url, "task.created")
    new = services.rotate_secret(hook)
    scene.task()
    scene.work()
    clock.pass_(hours=25)
    scene.task()
    scene.work()
    first, later = (letter.headers["webhook-signature"] for letter in receiver.letters)
    assert (len(first.split()), len(later.split())) == (2, 1)
    assert old != new
    at = receiver.letters[1]
    signed = Webhook(new).sign(at.id, ports().clock.now(), at.body.decode())
    assert later == signed


def test_one_worker_at_a_time_and_another_when_it_died(scene: Scene, receiver: Receiver, clock: SetClock) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    scene.task()
    from automations import reading

    reading.read()
    dead = sending._Work(hook.pk, "dead")
    assert sending._hold(dead) is not None
    assert sending.deliver(str(hook.pk)) == 0
    clock.pass_(seconds=61)
    assert sending.due_hooks() == [str(hook.pk)]
    assert sending.deliver(str(hook.pk)) == 1
    sending._settle(dead, deliveries(hook)[0], sending.Outcome(500))  # it was not dead after all
    assert deliveries(hook)[0].status == "DELIVERED"


def test_a_pause_keeps_what_waits_and_notes_nothing_new(scene: Scene, receiver: Receiver, clock: SetClock) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    receiver.statuses = [500]
    scene.task("before")
    scene.work()
    services.pause(hook)
    scene.task("meanwhile")
    clock.pass_(hours=1)
    scene.work()
    services.resume(hook)
    scene.work()
    assert [letter.json["data"]["title"] for letter in receiver.letters] == ["before", "before"]


def test_a_replay_keeps_id_and_body(scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    scene.task()
    scene.work()
    services.replay(deliveries(hook)[0])
    scene.work()
    assert receiver.ids[0] == receiver.ids[1]
    assert deliveries(hook)[0].replays == 1
    receiver.statuses = [500]
    services.replay(deliveries(hook)[0])
    with pytest.raises(services.CannotReplay, match="waits"):
        services.replay(deliveries(hook)[0])


def test_a_rule_calls_a_webhook_that_listens_to_nothing_else(scene: Scene, receiver: Receiver) -> None:
    hook, secret = scene.hook(receiver.url)
    scene.rule(CREATED, {"type": "call_webhook", "hook": str(hook.pk), "text": "Look at {title}"})
    scene.task("Attic")
    scene.work()
    (letter,) = receiver.letters
    assert Webhook(secret).verify(letter.body, letter.headers)["note"] == "Look at Attic"
    assert orjson.loads(letter.body)["rule"] == "Rule 1"


def test_the_address_and_the_secret_are_not_readable_in_the_database(scene: Scene, receiver: Receiver) -> None:
    from django.db import connection

    hook, secret = scene.hook(receiver.url + "/very-secret", "task.created")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM automations_hook WHERE id = %s", [hook.pk])
        row = " ".join(bytes(one).decode() if isinstance(one, memoryview) else str(one) for one in cursor.fetchone())
    assert "very-secret" not in row
    assert secret not in row
    assert "127.0.0.1" in hook.url_hint
