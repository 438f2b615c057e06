"""Deletes by policy, over real HTTP."""

from __future__ import annotations

from integrations.enums import DeletePolicy
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
