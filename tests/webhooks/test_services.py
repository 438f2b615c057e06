"""Replay, completeness, what survives."""

from __future__ import annotations

from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.urls import resolve

from connectors.base.sandbox.faults import Fault
from integrations.models import WebhookDelivery
from sync_engine.tasks import hear_waiting
from sync_engine.webhooks import hearing
from sync_engine.webhooks.completeness import completeness
from sync_engine.webhooks.replay import ReplayRefused, replay
from tests.webhooks.scene import Hooked


def test_a_delivery_is_replayed_by_the_command(hooked: Hooked) -> None:
    made = hooked.contact()
    hooked.sync()
    hooked.integration.status = "PAUSED"
    hooked.integration.save()
    hooked.twin.hand_update("contacts", made, {"email": "new@example.com"})
    assert hooked.post(hooked.body(made)).status_code == 403
    hooked.integration.status = "ACTIVE"
    hooked.integration.save()
    said = StringIO()
    call_command("replay_delivery", hooked.last().pk, "--now", stdout=said)
    assert "1 record to read again, done" in said.getvalue()
    assert (hooked.emails(), hooked.last().status, hooked.last().replays) == (["new@example.com"], "PROCESSED", 1)


def test_what_was_not_genuine_is_not_replayed(hooked: Hooked) -> None:
    hooked.post(b'{"event":"contact.updated","data":{"id":"1"}}', secret="wrong")
    with pytest.raises(ReplayRefused, match="not genuine"):
        replay(hooked.last())
    with pytest.raises(CommandError, match="no delivery"):
        call_command("replay_delivery", 0)


def test_completeness_tells_heard_from_found(hooked: Hooked) -> None:
    made = hooked.contact()
    hooked.sync()
    before = completeness(hooked.integration)
    hooked.twin.hand_update("contacts", made, {"email": "heard@example.com"})
    hooked.post(hooked.body(made))
    hooked.twin.hand_update("contacts", made, {"email": "lost@example.com"})
    hooked.sync()
    after = completeness(hooked.integration)
    assert (before.share, after.heard, after.found - before.found, after.events) == (0.0, 1, 1, 1)


def test_what_no_worker_was_told_of_is_found(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    made = hooked.contact()
    hooked.sync()
    hooked.twin.hand_update("contacts", made, {"email": "new@example.com"})
    hooked.post(orjson.dumps({"event": "contact.updated", "data": {"id": made}}))
    assert hearing.integrations_to_hear() == [str(hooked.integration.pk)]
    heard: list[str] = []
    monkeypatch.setattr("sync_engine.tasks.hear.delay", heard.append)
    assert (hear_waiting(), heard) == (1, [str(hooked.integration.pk)])
    assert hearing.hear(heard[0])
    assert (hooked.emails(), hearing.integrations_to_hear()) == (["new@example.com"], [])


def test_a_provider_in_trouble_is_not_asked_at_every_delivery(hooked: Hooked) -> None:
    made = hooked.contact()
    hooked.sync()
    hooked.twin.faults.add(Fault("token_expired"))
    hooked.post(orjson.dumps({"event": "contact.updated", "data": {"id": made}}))
    assert not hooked.hear()
    assert WebhookDelivery.objects.get().status == "QUEUED"
    calls = sum(hooked.twin.counts.values())
    assert not hooked.hear()
    assert sum(hooked.twin.counts.values()) == calls


@pytest.mark.urls("config.urls")
def test_the_door_stands_where_r1_says(hooked: Hooked) -> None:
    assert resolve(hooked.url).func.__name__ == "receive"
