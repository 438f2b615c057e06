"""Deletes by policy, over real HTTP."""

from __future__ import annotations

from django.utils import timezone

from integrations.enums import DeletePolicy
from integrations.models import IntegrationMapping, PendingChange, SyncLog
from records import services
from records.models import Task
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
