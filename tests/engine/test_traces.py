"""R1's payloads in the log: what went over the wire behind a write or a failure, without secrets, bounded."""

from __future__ import annotations

from typing import Any

from connectors.base.exchange import BEGINNING, Exchange, bounded
from connectors.base.sandbox.faults import Fault
from integrations.models import SyncLog
from records import services
from tests.engine.scene import PERSON, TASK, Scene


def body(log: SyncLog, payload: str = "request_payload") -> Any:
    held = getattr(log, payload)
    assert held is not None
    return held["body"]


def test_a_create_keeps_its_request_and_its_answer(scene: Scene) -> None:
    scene.here("Paint")
    scene.sync()
    log = SyncLog.objects.get(operation="CREATE", direction="LOCAL_TO_EXTERNAL")
    assert log.request_payload["method"] == "POST"
    assert log.request_payload["url"].partition("?")[0].endswith("/tasks")
    assert body(log)["data"]["name"] == "Paint"
    assert (log.response_payload["status"], body(log, "response_payload")["data"]["gid"]) == (201, log.external_id)
    assert log.duration_ms is not None
    assert log.error_stack == ""


def test_updates_and_deletes_keep_theirs(scene: Scene) -> None:
    task = scene.here("Paint")
    scene.sync()
    scene.edit_here(task, {"title": "Paint twice"})
    scene.sync()
    update = SyncLog.objects.get(operation="UPDATE", direction="LOCAL_TO_EXTERNAL")
    assert (update.request_payload["method"], body(update)["data"]) == ("PUT", {"name": "Paint twice"})
    services.delete(TASK, str(scene.organization.pk), task, PERSON)
    scene.sync()
    gone = SyncLog.objects.get(operation="DELETE", direction="LOCAL_TO_EXTERNAL")
    assert (gone.request_payload["method"], gone.response_payload["status"]) == ("DELETE", 200)


def test_a_refusal_keeps_the_answer_and_the_error(scene: Scene) -> None:
    scene.here("refused")
    scene.twin.faults.add(
        Fault("server_error", ("POST", "^/tasks$"), params={"status": 400, "message": "Token sandbox-token says no."})
    )
    scene.sync()
    log = SyncLog.objects.get(status="FAILED")
    assert (log.http_status, log.response_payload["status"]) == (400, 400)
    assert body(log)["data"]["name"] == "refused"
    assert "Rejected" in log.error_stack
    told = f"{log.request_payload} {log.response_payload} {log.error_stack} {log.error_message}"
    assert "sandbox-token" not in told
    assert "says no" in told


def test_a_record_that_cannot_be_taken_in_is_shown_as_it_came(scene: Scene) -> None:
    scene.there("")
    scene.sync()
    log = SyncLog.objects.get(status="FAILED")
    assert body(log, "response_payload")["name"] == ""
    assert log.request_payload is None


def test_large_bodies_are_cut_and_secrets_hidden() -> None:
    sent = b'{"password": "hunter2", "text": "' + b"x" * 20_000 + b'"}'
    exchange = Exchange("POST", "https://api.example.org/a?api_key=12345678", sent, 200, b"<html>no</html>", 3.0)
    request, response = exchange.request(), exchange.response()
    assert response is not None
    assert request["body"]["truncated"] is True
    assert len(request["body"]["text"]) == BEGINNING
    assert "hunter2" not in str(request)
    assert "12345678" not in str(request)
    assert response["body"] == "<html>no</html>"
    assert bounded({"a": 1}) == {"a": 1}


def test_a_form_is_shown_by_its_names() -> None:
    exchange = Exchange("POST", "https://api.example.org/a", b"name=Rosa&access_token=abcdefgh", 0, b"", 3.0)
    assert exchange.request()["body"] == {"name": "Rosa", "access_token": "[redacted]"}
    assert exchange.response() is None
