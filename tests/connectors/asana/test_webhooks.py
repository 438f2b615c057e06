"""Asana's deliveries, in the shapes of its documentation and of recordings: what they say, and whether they count."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.base.http import HttpRequest
from connectors.base.webhooks import BadPayload, BadSignature

from ..base.fakes import context

ASANA = AsanaConnector(context())
FIXTURES = Path(__file__).parent / "fixtures"
TASK = "1209900000000101"
NOW = datetime(2026, 11, 20, 14, 3, 23, tzinfo=UTC)
# Computed by hand for the provider's sheet.
SECRET = "b5e1c2f0a94d4f3c8e7712ab90cd34ef"
SIGNATURES = {
    "task_changed": "dc7cd68be486b6d0232f2bbecde6e6c287a1577ff1a535967bc870ceec82aadd",
    "heartbeat": "d4de802eb7c6dbd5e722daade6b45cc54524bbb27466215d5d0baa58f3f9479a",
}


def delivery(name: str, **headers: str) -> HttpRequest:
    body = (FIXTURES / f"{name}.json").read_bytes().rstrip()
    return HttpRequest("POST", "/hook", {each.replace("_", "-"): text for each, text in headers.items()}, body)


def said(name: str) -> list[tuple[str, str, str]]:
    return [(event.resource, event.external_id, event.action) for event in ASANA.events(delivery(name))]


def test_a_changed_task() -> None:
    assert said("task_changed") == [("task", TASK, "changed")]


def test_an_added_task() -> None:
    assert said("task_added") == [("task", TASK, "created")]


def test_leaving_a_project_is_no_delete() -> None:
    assert said("task_removed_from_project") == [("task", TASK, "changed")]


def test_a_deleted_task() -> None:
    assert said("task_deleted") == [("task", TASK, "deleted")]


def test_a_restored_task() -> None:
    assert said("task_undeleted") == [("task", TASK, "restored")]


def test_a_comment_is_no_event_of_a_task() -> None:
    assert said("comment_added") == []


def test_a_rule_of_asanas_own_has_no_user() -> None:
    assert said("task_completed_and_moved_by_a_rule") == [("task", TASK, "changed"), ("task", TASK, "created")]


def test_a_heartbeat_says_nothing() -> None:
    assert said("heartbeat") == []


def test_events_carry_their_time() -> None:
    (event,) = ASANA.events(delivery("task_changed"))
    assert event.occurred_at == datetime(2026, 11, 20, 14, 3, 22, 118000, tzinfo=UTC)


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signatures_of_the_sheet_verify(name: str) -> None:
    ASANA.verify(delivery(name, X_Hook_Signature=SIGNATURES[name]), [SECRET], now=NOW)


@pytest.mark.parametrize("signature", ["", "zz", SIGNATURES["heartbeat"], "é" * 64])
def test_another_signature_does_not(signature: str) -> None:
    with pytest.raises(BadSignature):
        ASANA.verify(delivery("task_changed", X_Hook_Signature=signature), [SECRET], now=NOW)


def test_a_heartbeat_may_come_unsigned_and_nothing_else_may() -> None:
    ASANA.verify(delivery("heartbeat"), [SECRET], now=NOW)
    with pytest.raises(BadSignature):
        ASANA.verify(delivery("task_deleted"), [SECRET], now=NOW)


def test_a_wrongly_signed_heartbeat_is_refused() -> None:
    with pytest.raises(BadSignature):
        ASANA.verify(delivery("heartbeat", X_Hook_Signature=SIGNATURES["task_changed"]), [SECRET], now=NOW)


def test_the_handshake_is_echoed() -> None:
    assert ASANA.handshake(delivery("heartbeat", x_hook_secret="abc")) == {"X-Hook-Secret": "abc"}
    assert ASANA.handshake(delivery("heartbeat")) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"events":{}}', b'{"events":["x"]}', b"\xff"])
def test_what_is_no_delivery_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        ASANA.events(HttpRequest("POST", "/hook", {}, body))
