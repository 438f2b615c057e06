"""An integration is kept for a moment by whoever judges: what another process changed meanwhile does no harm."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.base.sandbox.server import Server
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import ExternalChange, Integration
from integrations.webhooks import known
from tests.webhooks.scene import Hooked


@pytest.fixture
def rosa(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> str:
    """A contact in sync, and the integration kept for as long as the test takes."""
    monkeypatch.setattr(known, "KEPT", 3600.0)
    made = hooked.contact()
    assert not hooked.sync().failed
    assert hooked.post(thin(made)).status_code == 200
    assert hooked.hear()
    return made


def thin(contact: str, **more: Any) -> bytes:
    return orjson.dumps({"event": "contact.updated", "data": {"id": contact}, **more})


def elsewhere(hooked: Hooked, **changes: Any) -> None:
    """Another process changes the integration: no signal tells of it here."""
    Integration.objects.filter(pk=hooked.integration.pk).update(**changes)


def waiting(hooked: Hooked) -> list[str]:
    found = ExternalChange.objects.filter(integration=hooked.integration)
    return sorted(found.values_list("external_id", flat=True))


def test_it_is_not_read_for_every_call(
    rest: GenericRestTwin, servers: Server, hooked: Hooked, django_assert_num_queries: Any
) -> None:
    told = Hooked(rest, servers, complete=False)
    assert told.post(thin("1")).status_code == 200
    with django_assert_num_queries(0):  # the one that stores it goes past Django's cursor
        assert told.post(thin("2")).status_code == 200
    assert waiting(told) == ["1", "2"]


def test_a_new_secret_is_in_force_at_once(hooked: Hooked, rosa: str) -> None:
    elsewhere(hooked, webhook_secret={"current": "another"})
    assert hooked.post(thin(rosa, n=2), secret="another").status_code == 200


def test_a_resumed_integration_hears_at_once(hooked: Hooked, rosa: str) -> None:
    hooked.integration.status = "PAUSED"
    hooked.integration.save()
    assert hooked.post(thin(rosa, n=2)).status_code == 403
    elsewhere(hooked, status="ACTIVE")
    assert hooked.post(thin(rosa, n=3)).status_code == 200


def test_a_change_in_this_process_is_seen_at_once(hooked: Hooked, rosa: str) -> None:
    hooked.integration.refresh_from_db()
    hooked.integration.status = "PAUSED"
    hooked.integration.save()
    assert hooked.post(thin(rosa, n=2)).status_code == 403


def test_what_a_just_paused_one_takes_waits_until_it_is_resumed(hooked: Hooked, rosa: str) -> None:
    hooked.twin.hand_update("contacts", rosa, {"email": "new@example.com"})
    elsewhere(hooked, status="PAUSED")
    answer = hooked.post(hooked.body(rosa))
    assert (answer.status_code, answer.json()["status"]) == (200, "PENDING")
    assert not hooked.hear()
    assert (waiting(hooked), hooked.emails()) == ([rosa], ["rosa@example.com"])
    elsewhere(hooked, status="ACTIVE")
    assert hooked.hear()
    assert hooked.emails() == ["new@example.com"]


def test_a_withdrawn_secret_writes_nothing(hooked: Hooked, rosa: str) -> None:
    """Whoever still knows it for a moment gets a record read again, at the provider, and no word of theirs is taken."""
    forged = hooked.body(rosa, email="forged@example.com", updated_at="2099-01-01T00:00:00Z")
    elsewhere(hooked, webhook_secret={"current": "another"})
    assert hooked.post(forged).json()["status"] == "PENDING"
    assert hooked.hear()
    assert hooked.emails() == ["rosa@example.com"]
