"""The page of an integration: its secrets stay, its actions work."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from connectors.asana.sandbox.twin import PROJECT
from integrations.enums import IntegrationStatus
from integrations.models import FieldMapping, Integration
from tests.admin.pages import address, told
from tests.admin.pages import text as page
from tests.engine.scene import Scene

FIELDS = ("base_url", "auth_type", "sync_direction", "sync_frequency", "conflict_strategy", "on_external_delete",
          "on_local_delete", "name")  # fmt: skip


def form(integration: Integration, **changes: Any) -> dict[str, Any]:
    given = {name: getattr(integration, name) for name in FIELDS}
    return {**given, "data_types": ["TASKS"], "settings": "{}", "merge_rules": "{}", "new_credentials": "", **changes}


def act(client: Client, action: str, *chosen: Integration) -> str:
    sent = {"action": action, "_selected_action": [str(one.pk) for one in chosen]}
    return told(client.post(address(Integration), sent, follow=True))


def test_the_page_says_how_it_is(scene: Scene, steward: Client) -> None:
    scene.there("a")
    scene.sync()
    found = page(steward, Integration, "change", scene.asana.pk)
    assert scene.asana.webhook_endpoint in found
    assert "linked records" in found.lower()


def test_secrets_are_never_shown(scene: Scene, steward: Client) -> None:
    found = page(steward, Integration, "change", scene.asana.pk) + page(steward, Integration)
    assert "sandbox-token" not in found


def test_saving_without_credentials_keeps_them(scene: Scene, steward: Client) -> None:
    place = address(Integration, "change", scene.asana.pk)
    assert steward.post(place, form(scene.asana, name="Renamed")).status_code == 302
    scene.asana.refresh_from_db()
    assert (scene.asana.name, scene.asana.credentials) == ("Renamed", {"token": "sandbox-token"})


def test_new_credentials_replace_the_old(scene: Scene, steward: Client) -> None:
    steward.post(address(Integration, "change", scene.asana.pk), form(scene.asana, new_credentials='{"token": "new"}'))
    scene.asana.refresh_from_db()
    assert scene.asana.credentials == {"token": "new"}


def test_refused_input_is_not_sent_back(scene: Scene, steward: Client) -> None:
    place = address(Integration, "change", scene.asana.pk)
    answer = steward.post(place, form(scene.asana, new_credentials='{"token": "typed-secret"', name=""))
    assert answer.status_code == 200
    assert "typed-secret" not in answer.content.decode()


def test_a_private_address_is_refused(scene: Scene, steward: Client, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    answer = steward.post(address(Integration, "change", scene.asana.pk), form(scene.asana))
    assert "a private or local address" in answer.content.decode()


def test_a_new_one_gets_its_starter_mappings(scene: Scene, steward: Client) -> None:
    sent = form(scene.asana, name="Second", organization=scene.organization.pk, type="ASANA",
                data_types=["TASKS", "MEMBERS"], settings=f'{{"project": "{PROJECT}"}}')  # fmt: skip
    answer = steward.post(address(Integration, "add"), sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = FieldMapping.objects.filter(integration__name="Second")
    assert sorted(made.values_list("resource_type", "created_by")) == [("member", "steward"), ("task", "steward")]


def test_data_types_that_it_cannot_sync_are_named(scene: Scene, steward: Client) -> None:
    sent = form(scene.asana, name="Second", organization=scene.organization.pk, type="ASANA", data_types=["EVENTS"])
    assert "ASANA syncs TASKS, MEMBERS, ITEMS; choose one of these." in steward.post(
        address(Integration, "add"), sent
    ).content.decode().replace("&#x27;", "'")


def test_items_without_their_board_are_said_at_the_field(scene: Scene, steward: Client) -> None:
    sent = form(scene.asana, name="Second", organization=scene.organization.pk, type="ASANA", data_types=["ITEMS"])
    assert "ITEMS need the one board" in steward.post(address(Integration, "add"), sent).content.decode()


def test_pause_and_resume(scene: Scene, steward: Client) -> None:
    assert "1 paused" in act(steward, "pause", scene.asana)
    scene.asana.refresh_from_db()
    assert scene.asana.status == IntegrationStatus.PAUSED
    assert "1 active again" in act(steward, "resume", scene.asana)
    scene.asana.refresh_from_db()
    assert scene.asana.status == IntegrationStatus.ACTIVE


def test_sync_now_queues_a_run_and_leaves_a_paused_one(
    scene: Scene, steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr("sync_engine.tasks.sync.delay", lambda *arguments: queued.append(arguments))
    paused = scene.connect("Paused", status=IntegrationStatus.PAUSED)
    said = act(steward, "sync_now", scene.asana, paused)
    assert queued == [(str(scene.asana.pk), {"cause": "started by steward"})]
    assert "'Paused' is paused. Resume it first." in said


def test_a_stranger_sees_and_starts_nothing(scene: Scene, stranger: Client) -> None:
    assert scene.asana.name not in page(stranger, Integration)
    assert stranger.get(address(Integration, "change", scene.asana.pk)).status_code == 302
    act(stranger, "pause", scene.asana)
    scene.asana.refresh_from_db()
    assert scene.asana.status == IntegrationStatus.ACTIVE


def test_nobody_makes_one_for_another_organization(scene: Scene, stranger: Client) -> None:
    sent = form(scene.asana, name="Foreign", organization=scene.organization.pk, type="ASANA")
    assert stranger.post(address(Integration, "add"), sent).status_code == 200
    assert not Integration.objects.filter(name="Foreign").exists()
