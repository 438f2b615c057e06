"""Deletes by policy, over real HTTP."""

from __future__ import annotations

from django.utils import timezone

from conflicts.models import ConflictResolution
from connectors.base.sandbox.faults import Fault
from integrations.enums import DeletePolicy
from integrations.models import IntegrationMapping, PendingChange, SyncLog
from records import services
from records.models import Task
from sync_engine.review import decisions
from tests.engine.scene import PERSON, TASK, Scene


def test_a_record_that_is_restored_here_brings_its_last_edit_along(scene: Scene) -> None:
    scene.asana.on_local_delete = DeletePolicy.RESTORE
    scene.asana.save()
    scene.there("before")
    scene.sync()
    task = Task.objects.get(title="before")
    scene.edit_here(task.pk, {"title": "after"})
    services.delete(TASK, str(scene.organization.pk), str(task.pk), PERSON)
    scene.sync()
    scene.sync()
    assert (scene.titles_here(), scene.names_there()) == (["after"], ["after"])


def test_a_delete_there_is_logged_with_the_whole_record(scene: Scene) -> None:
    gid = scene.there("gone")
    scene.sync()
    services.delete(TASK, str(scene.organization.pk), str(Task.objects.get().pk), PERSON)
    scene.sync()
    log = SyncLog.objects.get(operation="DELETE", external_id=gid)
    assert (scene.names_there(), "permalink_url" in log.before) == ([], True)


def test_a_suspect_that_a_direct_read_shows_is_no_suspect(scene: Scene) -> None:
    gid = scene.there("a")
    scene.sync()
    services.delete(TASK, str(scene.organization.pk), str(Task.objects.get().pk), PERSON)
    scene.edit_there(gid, name="b")
    IntegrationMapping.objects.update(missing_since=timezone.now())
    scene.sync()
    scene.sync()
    link = IntegrationMapping.objects.get()
    assert (link.missing_since, PendingChange.objects.count()) == (None, 0)


def test_a_delete_over_an_edit_keeps_it_although_the_answer_is_lost(scene: Scene) -> None:
    scene.asana.conflict_strategy = "LOCAL_WINS"
    scene.asana.save()
    gid = scene.there("before")
    scene.sync()
    scene.delete_here(Task.objects.get().pk)
    scene.edit_there(gid, name="theirs")
    scene.twin.faults.add(Fault("lose_response", ("DELETE", "")))
    scene.sync(direction="push")
    assert scene.names_there() == []
    PendingChange.objects.update(not_before=None)
    scene.sync(full=True)
    case = ConflictResolution.objects.get()
    assert (case.status, case.kind, case.external_data["name"]) == ("AUTO_RESOLVED", "DELETED_LOCALLY", "theirs")
    assert scene.titles_here() == scene.names_there() == []


def test_what_a_person_let_go_comes_back_whole_when_it_is_restored_there(scene: Scene) -> None:
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gid = scene.there("before", notes="")
    scene.sync()
    scene.delete_here(Task.objects.get().pk)
    scene.edit_there(gid, notes="theirs")
    scene.sync()
    decisions.resolve(ConflictResolution.objects.get(status="PENDING"), strategy="LOCAL_WINS")
    scene.sync()
    assert scene.names_there() == []
    entry = scene.twin.store.get("tasks", gid, deleted=True)
    assert entry is not None
    scene.twin.store.restore(entry, author="person")
    for _ in range(2):
        scene.sync(full=True)
    assert scene.titles_here() == scene.names_there() == ["before"]
    assert Task.objects.get().description == "theirs"


def test_an_edit_after_the_decision_to_let_go_is_asked_about_again(scene: Scene) -> None:
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gid = scene.there("before")
    scene.sync()
    scene.delete_here(Task.objects.get().pk)
    scene.edit_there(gid, name="theirs")
    scene.sync()
    decisions.resolve(ConflictResolution.objects.get(status="PENDING"), strategy="LOCAL_WINS")
    scene.edit_there(gid, name="theirs again")
    scene.sync(direction="push")
    assert scene.names_there() == ["theirs again"]
    case = ConflictResolution.objects.get(status="PENDING")
    assert case.external_data["name"] == "theirs again"
