"""Outgoing webhooks in the console."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Hook, HookDelivery
from tests.automations.conftest import receiver
from tests.automations.receiver import Receiver
from tests.automations.scene import Scene
from tests.console.conftest import person
from tests.console.test_rules import page, posted, scene, steward, stranger
from tests.records.factories import OrganizationFactory

__all__ = ["receiver", "scene", "steward", "stranger"]
pytestmark = pytest.mark.django_db


def body(scene: Scene, receiver: Receiver, *events: str) -> dict[str, Any]:
    return {"organization": str(scene.organization.pk), "url": receiver.url, "events": list(events)}


def test_a_webhook_is_made_and_its_secret_shown_once(steward: Client, scene: Scene, receiver: Receiver) -> None:
    status, shown = posted(steward, "new_hook", body(scene, receiver, "task.created"))
    hook = Hook.objects.get()
    assert (status, hook.secret["current"] in shown) == (200, True)
    assert hook.secret["current"] not in page(steward, "hook", hook.pk)
    assert posted(steward, "new_hook", body(scene, receiver, "task.created"))[0] == 302
    assert Hook.objects.count() == 1
    assert receiver.url not in page(steward, "hooks")


def test_messages_are_listed_looked_at_and_sent_again(steward: Client, scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    scene.task("Attic")
    scene.work()
    sent = HookDelivery.objects.get()
    assert "task.created" in page(steward, "hook", hook.pk)
    message = page(steward, "message", sent.pk)
    assert sent.message_id in message
    assert "Attic" in message
    posted(steward, "replay_message", {}, sent.pk)
    scene.work()
    assert receiver.ids == [sent.message_id] * 2


def test_pause_test_secret_and_removal(steward: Client, scene: Scene, receiver: Receiver) -> None:
    hook, old = scene.hook(receiver.url, "task.created")
    posted(steward, "test_hook", {}, hook.pk)
    scene.work()
    assert receiver.letters[0].json["type"] == "ping"
    posted(steward, "switch_hook", {"on": "0"}, hook.pk)
    answer = steward.post(reverse("console:test_hook", args=[hook.pk]), follow=True)
    assert "switched off" in answer.content.decode()
    posted(steward, "switch_hook", {"on": "1"}, hook.pk)
    _, shown = posted(steward, "new_hook_secret", {}, hook.pk)
    hook.refresh_from_db()
    assert hook.status == "ACTIVE"
    assert hook.secret["current"] in shown
    assert old not in shown
    posted(steward, "remove_hook", {}, hook.pk)
    assert "Nobody is told of anything yet" in page(steward, "hooks")


def test_changing_keeps_the_address_unless_another_is_given(steward: Client, scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    posted(steward, "edit_hook", {"url": "", "description": "n8n", "events": ["task.*"]}, hook.pk)
    hook.refresh_from_db()
    assert (hook.url, hook.description, hook.events) == (receiver.url, "n8n", ["task.*"])
    status, shown = posted(steward, "edit_hook", {"url": "gopher://x", "events": []}, hook.pk)
    assert status == 422
    assert "must start with http" in unescape(shown)


def test_what_belongs_to_others_is_not_there(stranger: Client, scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created")
    scene.task()
    scene.work()
    for name in ("hook", "edit_hook"):
        assert stranger.get(reverse(f"console:{name}", args=[hook.pk])).status_code == 404
    for name in ("switch_hook", "new_hook_secret", "test_hook", "remove_hook"):
        assert stranger.post(reverse(f"console:{name}", args=[hook.pk])).status_code == 404
    sent = HookDelivery.objects.get()
    assert stranger.get(reverse("console:message", args=[sent.pk])).status_code == 404
    assert stranger.post(reverse("console:replay_message", args=[sent.pk])).status_code == 404
    status, _ = posted(stranger, "new_hook", body(scene, receiver, "task.created"))
    assert (status, Hook.objects.count()) == (422, 1)


def test_staff_without_a_role_are_told_which_they_need() -> None:
    clerk = person("clerk", OrganizationFactory())
    for name in ("rules", "hooks", "firings", "new_rule", "new_hook"):
        assert clerk.get(reverse(f"console:{name}")).status_code == 403
