"""Stewards are told when something was switched off by itself; what people do is audited; old rows go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from automations import services
from automations.models import HookDelivery, Notice, RuleFiring
from integrations.models import Notification
from records.models import AuditEntry, Membership
from sync_engine.upkeep.pruning import prune
from tests.automations import api
from tests.automations.receiver import Receiver
from tests.automations.scene import CREATED, Scene, SetClock, sets

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(scene: Scene) -> User:
    user = User.objects.create_user("ann", "ann@example.org")
    user.groups.add(Group.objects.get_or_create(name="WEB_STEWARD")[0])
    Membership.objects.create(user=user, organization=scene.organization)
    return user


@pytest.mark.usefixtures("ann")
def test_stewards_are_told_of_a_rule_that_was_switched_off(scene: Scene, settings: Any) -> None:
    settings.RULE_DISABLE_AFTER = 1
    rule = scene.rule(CREATED, sets(dueDate="{title}"))
    scene.task("soon")
    scene.work()
    told = Notification.objects.get()
    assert told.recipient == "ann@example.org"
    assert f"“{rule.name}” was switched off" in told.subject
    assert f"/dashboard/admin/rules/{rule.pk}" in told.text
    assert "1 firings in a row failed" in told.html


@pytest.mark.usefixtures("ann")
def test_stewards_are_told_of_a_webhook_that_is_gone(scene: Scene, receiver: Receiver) -> None:
    hook, _ = scene.hook(receiver.url, "task.created", description="n8n")
    receiver.statuses = [410]
    scene.task()
    scene.work()
    told = Notification.objects.get()
    assert "“n8n” was switched off" in told.subject
    assert f"/dashboard/admin/webhooks/{hook.pk}" in told.text


def test_what_people_do_with_rules_and_webhooks_is_audited(scene: Scene, receiver: Receiver) -> None:
    client = api.of(scene)
    document = {"trigger": CREATED, "actions": [sets(priority="HIGH")]}
    rule = client.post("/api/automations", {"name": "Mine", "document": document}).json()
    client.patch(f"/api/automations/{rule['id']}", {"enabled": False})
    hook = client.post("/api/hooks", {"targetUrl": receiver.url, "event": "task.created"}).json()
    client.post(f"/api/hooks/{hook['id']}/pause")
    client.post(f"/api/hooks/{hook['id']}/rotate-secret")
    entries = AuditEntry.objects.exclude(action="token.made").order_by("id")
    assert [entry.action for entry in entries] == [
        "rule.created",
        "rule.changed",
        "outgoing_webhook.created",
        "outgoing_webhook.changed",
        "outgoing_webhook.changed",
    ]
    kept = " ".join(str(entry.__dict__) for entry in entries)
    assert hook["secret"] not in kept
    assert receiver.url not in kept


def test_old_firings_and_messages_go_and_what_waits_stays(scene: Scene, receiver: Receiver, clock: SetClock) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    due = {"type": "create_record", "resourceType": "contact", "values": {"lastName": "x"}}
    scene.rule({"type": "schedule", "everyMinutes": 60}, due)
    scene.hook(receiver.url, "task.created")
    scene.task("old")
    clock.pass_(hours=2)
    scene.work()
    receiver.statuses = [500]
    scene.task("waits")
    scene.work()
    services.change_rule(rule, enabled=True)
    gone = prune(clock.now() + timedelta(days=1))
    assert (gone["rule firings"], gone["webhooks sent"], gone["notices"]) == (3, 1, 1)
    assert not RuleFiring.objects.exists()
    assert not Notice.objects.exists()
    assert HookDelivery.objects.get().status == "WAITING"
