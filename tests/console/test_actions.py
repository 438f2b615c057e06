"""The buttons of an integration, as plain forms."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.enums import IntegrationStatus
from integrations.models import Integration, JobExecution
from tests.console.asking import opened, pressed, refused
from tests.engine.scene import Scene


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize(("mode", "titles"), [("now", ["there"]), ("full", ["there"]), ("preview", [])])
def test_a_run_is_started_and_its_page_follows(scene: Scene, steward: Client, mode: str, titles: list[str]) -> None:
    scene.there("there")
    answer = steward.post(reverse("console:sync", args=[scene.asana.pk]), {"mode": mode})
    run = JobExecution.objects.get()
    assert answer["Location"] == reverse("console:run", args=[run.pk])
    assert scene.titles_here() == titles
    assert (run.options["full"], run.options["dryRun"]) == (mode == "full", mode == "preview")
    assert run.cause == "started by steward"


def test_a_stopped_integration_starts_nothing_and_says_how_to_resume(scene: Scene, steward: Client) -> None:
    Integration.objects.update(status=IntegrationStatus.PAUSED)
    assert "Resume it first" in pressed(steward, "sync", scene.asana.pk, mode="now")
    assert not JobExecution.objects.exists()


def test_an_unknown_kind_of_run_is_refused(scene: Scene, steward: Client) -> None:
    assert "no such kind" in pressed(steward, "sync", scene.asana.pk, mode="everything")


def test_pausing_and_resuming(scene: Scene, steward: Client) -> None:
    for wanted in (IntegrationStatus.PAUSED, IntegrationStatus.ACTIVE):
        pressed(steward, "change_status", scene.asana.pk, status=wanted)
        scene.asana.refresh_from_db()
        assert scene.asana.status == wanted
    assert "can be paused or resumed" in pressed(steward, "change_status", scene.asana.pk, status="ERROR")
    scene.asana.refresh_from_db()
    assert scene.asana.status == IntegrationStatus.ACTIVE


def test_the_connection_is_tested_and_a_refusal_says_what_to_do(scene: Scene, steward: Client) -> None:
    assert "The connection works. Account:" in pressed(steward, "test_connection", scene.asana.pk)
    scene.asana.credentials = {"token": "wrong"}
    scene.asana.save()
    assert "Enter new credentials" in pressed(steward, "test_connection", scene.asana.pk)


@pytest.mark.usefixtures("workers")
def test_what_was_given_up_is_tried_again(scene: Scene, steward: Client) -> None:
    assert "nothing to retry" in pressed(steward, "retry_failed", scene.asana.pk)
    scene.sync()
    scene.here("refused")
    scene.twin.faults.add(refused())
    scene.sync()
    assert "1 record is tried again" in pressed(steward, "retry_failed", scene.asana.pk)
    assert scene.names_there() == ["refused"]


@pytest.mark.usefixtures("workers")
def test_all_active_ones_are_synced_at_once(scene: Scene, steward: Client) -> None:
    scene.connect("Second")
    paused = scene.connect("Third")
    Integration.objects.filter(pk=paused.pk).update(status=IntegrationStatus.PAUSED)
    assert "2 syncs were started" in pressed(steward, "sync_all")
    assert not JobExecution.objects.filter(integration=paused).exists()


@pytest.mark.parametrize("name", ["sync", "change_status", "test_connection", "retry_failed"])
def test_a_button_of_others_is_not_found(scene: Scene, stranger: Client, name: str) -> None:
    answer = stranger.post(reverse(f"console:{name}", args=[scene.asana.pk]), {"mode": "now", "status": "PAUSED"})
    assert answer.status_code == 404
    assert not JobExecution.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "there"), [("/dashboard/admin/logs", "/dashboard/admin/logs"), ("https://evil.example/", None)]
)
def test_a_button_goes_back_to_a_page_of_ours_alone(scene: Scene, steward: Client, wanted: str, there: Any) -> None:
    answer = steward.post(reverse("console:change_status", args=[scene.asana.pk]), {"status": "PAUSED", "next": wanted})
    assert answer["Location"] == (there or reverse("console:integration", args=[scene.asana.pk]))


def test_deleting_says_what_is_lost_and_asks_for_the_name(scene: Scene, steward: Client) -> None:
    scene.there("a")
    scene.there("b")
    scene.sync()
    assert "2 links between records" in opened(steward, "delete_integration", scene.asana.pk)
    refused = steward.post(reverse("console:delete_integration", args=[scene.asana.pk]), {"name": "asana"})
    assert (refused.status_code, Integration.objects.count()) == (422, 1)
    steward.post(reverse("console:delete_integration", args=[scene.asana.pk]), {"name": "Asana"})
    assert "deleted with 2 links, 2 log rows" in steward.get(reverse("console:integrations")).content.decode()
    assert not Integration.objects.exists()
    assert scene.titles_here() == ["a", "b"]


def test_an_integration_is_not_deleted_under_a_run(scene: Scene, steward: Client) -> None:
    run = scene.sync().run
    JobExecution.objects.filter(pk=run.pk).update(status="RUNNING", lease_until="2999-01-01T00:00Z")
    refused = steward.post(reverse("console:delete_integration", args=[scene.asana.pk]), {"name": "Asana"})
    assert refused.status_code == 409
    assert "A run is under way" in refused.content.decode()


def test_a_changed_connection_is_tested_before_it_is_saved(scene: Scene, steward: Client) -> None:
    place = reverse("console:integration_settings", args=[scene.asana.pk])
    form = steward.get(place).context["form"]
    sent = {name: form[name].value() for name in form.fields if name not in ("new_credentials", "settings",
                                                                             "merge_rules")}  # fmt: skip
    sent |= {"settings": "{}", "merge_rules": "{}", "new_credentials": '{"token": "wrong"}'}
    refused = steward.post(place, sent)
    assert refused.status_code == 422
    assert "The credentials were refused" in refused.content.decode()
    assert "wrong" not in refused.content.decode().partition("new_credentials")[0]
    scene.asana.refresh_from_db()
    assert scene.asana.credentials == {"token": "sandbox-token"}
