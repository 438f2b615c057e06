"""Why a record is, or is not, in step: each verdict with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.enums import IntegrationStatus, SyncDirection
from integrations.models import Integration
from records import catalog
from records.models import Task
from sync_engine.insight.explain import Standing, explain
from sync_engine.insight.explain_rules import Verdict
from tests.console.asking import opened, pressed, refused
from tests.engine.scene import TASK, Scene
from tests.records.factories import ContactFactory


def standing(record: Any) -> Standing:
    (found,) = explain(catalog.of_model(type(record)) or TASK, record)
    return found


def pulled(scene: Scene, name: str = "Paint") -> Task:
    scene.there(name)
    scene.sync()
    found: Task = Task.objects.get(title=name)
    return found


def test_in_step_with_who_set_each_value(scene: Scene) -> None:
    found = standing(pulled(scene))
    assert (found.verdict, found.link is not None) == (Verdict.IN_STEP, True)
    title = next(one for one in found.fields if one.name == "title")
    assert (title.agreed, title.there, title.path, title.by, title.moved) == (
        "Paint",
        "Paint",
        "name",
        "EXTERNAL",
        False,
    )
    assert title.run


def test_an_edit_is_on_its_way_and_names_the_fields(scene: Scene) -> None:
    task = pulled(scene)
    scene.edit_here(task.pk, {"title": "Paint it"})
    found = standing(Task.objects.get())
    assert found.verdict == Verdict.ON_ITS_WAY
    assert "title" in found.sentences[0]


def test_a_refusal_is_told_in_the_providers_words(scene: Scene) -> None:
    scene.sync()
    scene.here("Refused")
    scene.twin.faults.add(refused())
    scene.sync()
    found = standing(Task.objects.get())
    assert found.verdict == Verdict.KEPT_BACK
    assert found.refusal is not None
    assert found.refusal.error_message in found.sentences


def test_a_conflict_waits_for_a_decision(scene: Scene) -> None:
    Integration.objects.update(conflict_strategy="MANUAL_REVIEW")
    gid = scene.there("Paint")
    scene.sync()
    scene.edit_there(gid, name="Paint there")
    scene.edit_here(Task.objects.get().pk, {"title": "Paint here"})
    scene.sync()
    found = standing(Task.objects.get())
    assert (found.verdict, len(found.conflicts)) == (Verdict.DECISION, 1)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sync_direction": SyncDirection.EXTERNAL_TO_LOCAL}, "only brings records in"),
        ({}, "switched off on the record"),
    ],
)
def test_what_excludes_a_record_is_named(scene: Scene, change: dict[str, Any], word: str) -> None:
    scene.here("Ours")
    Integration.objects.update(**(change or {"name": "Asana"}))
    if not change:
        Task.objects.update(external_sync_enabled=False)
    found = standing(Task.objects.get())
    assert found.verdict == Verdict.EXCLUDED
    assert word in " ".join(found.sentences)


def test_a_type_without_a_mapping_is_not_synced(scene: Scene) -> None:
    found = standing(ContactFactory(organization=scene.organization))
    assert found.verdict == Verdict.EXCLUDED
    assert "no mapping for this type" in found.sentences[0]


def test_a_stopped_integration_is_named_beside_the_reason(scene: Scene) -> None:
    task = pulled(scene)
    Integration.objects.update(status=IntegrationStatus.PAUSED)
    found = standing(task)
    assert found.verdict == Verdict.IN_STEP
    assert "stopped (Paused)" in " ".join(found.sentences)


def test_what_waits_for_a_stopped_integration_is_not_called_on_its_way(scene: Scene) -> None:
    scene.here("Ours")
    Integration.objects.update(status=IntegrationStatus.PAUSED)
    assert standing(Task.objects.get()).verdict == Verdict.STOPPED


def test_a_buried_link_is_told(scene: Scene) -> None:
    task = pulled(scene)
    task.delete()
    scene.sync()
    assert standing(Task.all_objects.get()).verdict == Verdict.GONE


def test_the_page_of_others_is_not_found(scene: Scene, steward: Client, stranger: Client) -> None:
    task = pulled(scene)
    assert "Both sides hold what was last agreed on" in opened(steward, "explain", "task", task.pk)
    assert stranger.get(reverse("console:explain", args=["task", task.pk])).status_code == 404
    assert stranger.post(reverse("console:sync_record", args=["task", task.pk])).status_code == 404
    assert steward.get(reverse("console:explain", args=["nonsense", task.pk])).status_code == 404


@pytest.mark.usefixtures("workers")
def test_one_record_is_synced_by_itself(scene: Scene, steward: Client) -> None:
    task = pulled(scene)
    scene.edit_here(task.pk, {"title": "Paint it"})
    other = scene.here("Not asked for")
    assert "synced with 1 integration" in pressed(steward, "sync_record", "task", task.pk)
    assert scene.names_there() == ["Paint it"]
    assert Task.objects.filter(pk=other).exists()


def test_a_record_that_only_comes_in_is_read_again(scene: Scene, steward: Client) -> None:
    task = pulled(scene)
    Integration.objects.update(sync_direction=SyncDirection.EXTERNAL_TO_LOCAL)
    pressed(steward, "sync_record", "task", task.pk)
    assert "about to be read again" in " ".join(standing(task).sentences)


def test_the_admins_page_of_a_record_leads_here(scene: Scene, admin_client: Client) -> None:
    task = pulled(scene)
    page = admin_client.get(reverse("admin:records_task_change", args=[task.pk])).content.decode()
    assert reverse("console:explain", args=["task", task.pk]) in page
    assert admin_client.get(reverse("admin:records_task_add")).status_code == 200
