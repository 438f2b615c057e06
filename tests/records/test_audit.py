"""What people did is kept, and stays as it was written."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory

from integrations.models import Integration
from integrations.services import save_mapping
from integrations.starters import starter_mappings
from records import audit, tokens
from records.asking import answering
from records.models import AuditEntry, Membership
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

__all__ = ["scene", "server", "twin", "whole_runs"]


def asked_by(user: User, path: str = "/api/admin/integrations") -> HttpRequest:
    request = RequestFactory().put(path, REMOTE_ADDR="203.0.113.7")
    request.user = user
    return request


@pytest.fixture
def dana(db: None) -> User:
    return User.objects.create_user("dana")


def entries(**wanted: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(**wanted).order_by("id"))


def test_a_change_is_kept_with_who_and_what_was(scene: Scene, dana: User) -> None:
    with answering(asked_by(dana)):
        scene.asana.name = "Renamed"
        scene.asana.save()
    (entry,) = entries(action="integration.changed")
    assert (entry.actor, entry.actor_id, entry.via, entry.address) == ("dana", dana.pk, "api", "203.0.113.7")
    assert (entry.before, entry.after) == ({"name": "Asana"}, {"name": "Renamed"})
    assert (entry.target_id, entry.organization_id) == (str(scene.asana.pk), scene.organization.pk)


def test_the_console_is_told_from_the_api(scene: Scene, dana: User) -> None:
    with answering(asked_by(dana, "/dashboard/admin/")):
        scene.asana.delete()
    (entry,) = entries(action="integration.deleted")
    assert (entry.via, entry.after, entry.before["name"]) == ("console", None, "Asana")


def test_what_workers_do_by_themselves_is_not_here(scene: Scene) -> None:
    scene.there("a")
    scene.sync()
    assert entries(target_type__in=["integration", "jobexecution"]) == []


def test_a_save_that_changes_nothing_is_no_entry(scene: Scene, dana: User) -> None:
    with answering(asked_by(dana)):
        scene.asana.save()
    assert entries(target_type="integration") == []


def test_changed_credentials_are_named_and_not_shown(scene: Scene, dana: User) -> None:
    with answering(asked_by(dana)):
        scene.asana.credentials = {"token": "a-new-secret"}  # type: ignore[assignment]
        scene.asana.settings = {**scene.asana.settings, "note": "a-new-secret", "password": "typed"}
        scene.asana.save()
    (entry,) = entries(action="integration.changed")
    assert entry.after["credentials"] == "[redacted]"
    assert "a-new-secret" not in str(vars(entry))
    assert "typed" not in str(vars(entry))


def test_a_mapping_and_its_document_are_kept(scene: Scene, dana: User) -> None:
    with answering(asked_by(dana)):
        saved = save_mapping(scene.asana, "task", starter_mappings("asana")["task"], created_by="dana")
    (entry,) = entries(action="mapping.created")
    assert (entry.after["version"], entry.after["document"]) == (2, saved.document)


def test_a_token_is_kept_when_it_is_made_and_when_it_ends(dana: User) -> None:
    organization = OrganizationFactory()
    Membership.objects.create(user=dana, organization=organization)
    token = tokens.issue(dana)
    call_command("api_token", "dana", "--revoke")
    made, revoked = entries(target_type="apitoken")
    assert (made.action, revoked.action, made.actor, made.via) == (
        "token.made", "token.revoked", "command line", "command",
    )  # fmt: skip
    assert made.organization_id == organization.pk
    assert token not in str(vars(made)) + str(vars(revoked))


def test_roles_that_are_given_and_taken_are_kept(dana: User) -> None:
    group = Group.objects.create(name="WEB_STEWARD")
    boss = User.objects.create_superuser("boss")
    with answering(asked_by(boss)):
        dana.groups.add(group)
        dana.groups.clear()
        dana.is_staff = True
        dana.save()
    assert [(one.action, one.before, one.after) for one in entries(target_type="user")] == [
        ("user.roles_added", None, {"roles": ["WEB_STEWARD"]}),
        ("user.roles_removed", {"roles": ["WEB_STEWARD"]}, None),
        ("user.changed", {"is_staff": False}, {"is_staff": True}),
    ]


def test_coming_and_going_is_kept_with_the_address(dana: User) -> None:
    dana.set_password("right")
    dana.is_staff = True
    dana.save()
    browser = Client(REMOTE_ADDR="203.0.113.7")
    browser.post("/dashboard/admin/login/", {"username": "dana", "password": "right"})
    browser.post("/dashboard/admin/logout/")
    assert [(one.action, one.actor, one.address) for one in entries(target_type="user")] == [
        ("session.started", "dana", "203.0.113.7"),
        ("session.ended", "dana", "203.0.113.7"),
    ]


def test_entries_cannot_be_changed_or_deleted_whatever_is_tried(dana: User) -> None:
    entry = audit.record("test.done", dana)
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    for statement in ("UPDATE records_auditentry SET actor = 'eve'", "DELETE FROM records_auditentry"):
        with pytest.raises(Error, match="never changed or deleted"), transaction.atomic():
            _run(statement)
    assert entries(action="test.done")[0].actor == "command line"


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_entry_goes_with_what_it_tells(scene: Scene, dana: User) -> None:
    with transaction.atomic(), answering(asked_by(dana)):
        scene.asana.name = "Renamed"
        scene.asana.save()
        transaction.set_rollback(True)
    assert entries(target_type="integration") == []


def test_the_log_outlives_what_it_tells_of(scene: Scene, dana: User) -> None:
    with answering(asked_by(dana)):
        scene.asana.name = "Renamed"
        scene.asana.save()
    Integration.objects.all().delete()
    scene.organization.delete()
    dana.delete()
    assert entries(action="integration.changed")[0].actor == "dana"
