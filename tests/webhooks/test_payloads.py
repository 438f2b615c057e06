"""Complete payloads, applied while the sender waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.models import ExternalChange, JobExecution, SyncCursor, SyncLog
from records import catalog, services
from records.models import Contact
from records.origins import Origin
from tests.webhooks.scene import Hooked, now

PERSON = Origin("user", "dana", "Dana")


@pytest.fixture
def rosa(hooked: Hooked) -> str:
    """A contact that is in sync."""
    made = hooked.contact()
    assert not hooked.sync().failed
    return made


def edit(hooked: Hooked, contact_id: str, **fields: Any) -> bytes:
    """A person edits it there. Returns what is sent of it."""
    hooked.twin.hand_update("contacts", contact_id, fields)
    return hooked.body(contact_id)


def waiting(hooked: Hooked) -> int:
    return ExternalChange.objects.filter(integration=hooked.integration).count()


def test_an_edit_is_here_when_the_sender_is_answered(hooked: Hooked, rosa: str) -> None:
    answer = hooked.post(edit(hooked, rosa, email="new@example.com")).json()
    log = SyncLog.objects.get(pk=answer["syncLogId"])
    assert (answer["success"], answer["status"], hooked.emails()) == (True, "SUCCESS", ["new@example.com"])
    assert (log.cause, log.run.job_type if log.run else None) == ("webhook", "WEBHOOK_BATCH")
    assert (hooked.last().status, hooked.last().sync_log_id, waiting(hooked)) == ("PROCESSED", log.pk, 0)


def test_an_older_state_changes_nothing(hooked: Hooked, rosa: str) -> None:
    old = edit(hooked, rosa, email="first@example.com")
    new = edit(hooked, rosa, email="second@example.com")
    hooked.post(new)
    hooked.post(old)
    assert hooked.emails() == ["second@example.com"]
    assert hooked.hear()
    assert hooked.emails() == ["second@example.com"]


def test_both_edited_leaves_a_conflict(hooked: Hooked, rosa: str) -> None:
    hooked.integration.conflict_strategy = "MANUAL_REVIEW"
    hooked.integration.save()
    here = Contact.objects.get(organization=hooked.organization)
    services.update(
        catalog.get("contact"), str(hooked.organization.pk), str(here.pk), {"email": "h@example.com"}, PERSON
    )
    answer = hooked.post(edit(hooked, rosa, email="t@example.com")).json()
    assert (answer["status"], hooked.emails()) == ("CONFLICT_PENDING", ["h@example.com"])


def test_a_new_record_is_made_and_read_again(hooked: Hooked, rosa: str) -> None:
    made = hooked.contact(email="two@example.com")
    assert hooked.post(hooked.body(made, "contact.created")).json()["status"] == "SUCCESS"
    assert (len(hooked.emails()), waiting(hooked)) == (2, 1)
    assert hooked.hear()
    assert (len(hooked.emails()), waiting(hooked), hooked.last().status) == (2, 0, "PROCESSED")


def test_a_late_create_does_not_raise_the_dead(hooked: Hooked, rosa: str) -> None:
    made = hooked.contact(email="gone@example.com")
    created = hooked.body(made, "contact.created")
    entry = hooked.twin.store.get("contacts", made)
    assert entry is not None
    hooked.twin.trash(entry, author="person")
    hooked.post(created)
    assert hooked.hear()
    assert hooked.emails() == ["rosa@example.com"]


def test_a_deleted_event_is_only_a_first_sign(hooked: Hooked, rosa: str) -> None:
    hooked.post(hooked.body(rosa, "contact.deleted"), more={"X-Webhook-Event": "contact.deleted"})
    assert hooked.hear()
    assert hooked.emails() == ["rosa@example.com"]
    entry = hooked.twin.store.get("contacts", rosa)
    assert entry is not None
    hooked.twin.trash(entry, author="person")
    body = b'{"event":"contact.deleted","data":{"id":"%s"}}' % rosa.encode()
    hooked.post(body, more={"X-Webhook-Event": "contact.deleted"})
    assert hooked.emails() == ["rosa@example.com"]
    assert hooked.hear()
    assert hooked.emails() == []


def test_while_another_worker_is_at_it_a_payload_waits(hooked: Hooked, rosa: str) -> None:
    SyncCursor.objects.filter(integration=hooked.integration).update(
        lease_owner="somebody", lease_until="2999-01-01T00:00:00Z"
    )
    answer = hooked.post(edit(hooked, rosa, email="new@example.com")).json()
    assert (answer, waiting(hooked)) == ({"success": True, "status": "PENDING"}, 1)
    assert not hooked.hear()
    SyncCursor.objects.filter(integration=hooked.integration).update(lease_owner="", lease_until=None)
    assert hooked.hear()
    assert (hooked.emails(), hooked.last().status) == (["new@example.com"], "PROCESSED")


def test_before_the_first_sync_a_payload_waits(hooked: Hooked) -> None:
    made = hooked.contact()
    assert hooked.post(hooked.body(made)).json()["status"] == "PENDING"
    assert not hooked.hear()
    hooked.sync()
    assert hooked.hear()
    assert (hooked.emails(), hooked.last().status) == (["rosa@example.com"], "PROCESSED")


def test_our_own_echo_leaves_no_run(hooked: Hooked, rosa: str) -> None:
    runs_before = JobExecution.objects.count()
    hooked.post(hooked.body(rosa, "contact.touched"))
    assert hooked.hear()
    assert JobExecution.objects.count() == runs_before


def test_what_fails_half_way_is_heard_later(hooked: Hooked, rosa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = edit(hooked, rosa, email="new@example.com")
    with monkeypatch.context() as broken:
        broken.setattr("sync_engine.webhooks.at_once.pull.process", lambda *_, **__: 1 / 0)
        assert hooked.post(body).json() == {"success": True, "status": "PENDING"}
    assert (hooked.emails(), waiting(hooked), hooked.last().status) == (["rosa@example.com"], 1, "QUEUED")
    assert hooked.hear()
    assert (hooked.emails(), hooked.last().status) == (["new@example.com"], "PROCESSED")


def test_an_older_payload_does_not_answer_for_a_newer_one_that_still_waits(hooked: Hooked) -> None:
    made = hooked.contact(email="first@example.com")
    hooked.sync()
    hooked.twin.hand_update("contacts", made, {"email": "second@example.com"})
    older = hooked.body(made)
    hooked.twin.hand_update("contacts", made, {"email": "third@example.com"})
    newer = hooked.body(made)
    SyncCursor.objects.update(lease_owner="another worker", lease_until=now() + timedelta(minutes=1))
    assert hooked.post(newer).json()["status"] == "PENDING"
    SyncCursor.objects.update(lease_owner="", lease_until=None)
    hooked.post(older)
    assert hooked.hear()
    assert hooked.emails() == ["third@example.com"]
