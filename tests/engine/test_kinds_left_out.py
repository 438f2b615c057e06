"""A kind of record that the settings leave out moves nowhere, and catches up when it is let in again."""

from __future__ import annotations

import pytest

from integrations.models import FieldMapping, PendingChange
from integrations.services import save_mapping
from records.models import Task
from sync_engine.insight.explain import explain
from sync_engine.running import schedule
from sync_engine.undo import rollback
from tests.engine.scene import TASK, Scene

pytestmark = pytest.mark.django_db


def let_in(scene: Scene, *kinds: str) -> None:
    scene.asana.data_types = list(kinds)
    scene.asana.save(update_fields=["data_types"])


def left_out(scene: Scene) -> tuple[str, str]:
    """Two linked tasks, one edited here and one there while tasks are left out. Returns the gid of the first."""
    for name in ("dive", "refit"):
        scene.there(name)
    scene.sync()
    let_in(scene, "MEMBERS")
    gids = {entry.fields["name"]: entry.id for entry in scene.twin.store.live("tasks")}
    scene.edit_here(Task.objects.get(title="dive").pk, {"title": "dive at noon"})
    scene.edit_there(gids["refit"], name="refit the boat")
    return gids["dive"], gids["refit"]


def test_nothing_moves_while_it_is_left_out(scene: Scene) -> None:
    left_out(scene)
    writes = scene.writes_there()
    assert "leave out what it maps (task)" in scene.sync().error
    assert scene.sync(resource_types=("task",)).error == ""
    assert (scene.titles_here(), scene.names_there()) == (["dive at noon", "refit"], ["dive", "refit the boat"])
    assert scene.writes_there() == writes
    assert schedule.integrations_with_pending() == []


def test_it_catches_up_when_it_is_let_in_again(scene: Scene) -> None:
    left_out(scene)
    schedule.integrations_with_pending()
    let_in(scene, "MEMBERS", "TASKS")
    assert schedule.integrations_with_pending() == [str(scene.asana.pk)]
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["dive at noon", "refit the boat"]
    assert not PendingChange.objects.exists()


def test_a_record_says_that_its_kind_is_left_out(scene: Scene) -> None:
    left_out(scene)
    (standing,) = explain(TASK, Task.objects.get(title="dive at noon"))
    assert standing.sentences[0] == "The settings of the integration leave out this kind of record."


def test_whoever_maps_a_kind_lets_it_in(scene: Scene) -> None:
    rule = {"externalField": "name", "internalField": "lastName", "transform": "string"}
    document = {"resourceType": "CONTACT", "externalResource": "task", "externalToInternal": [rule]}
    save_mapping(scene.asana, "contact", document)
    scene.asana.refresh_from_db()
    assert scene.asana.data_types == ["TASKS", "CONTACTS"]
    assert FieldMapping.objects.filter(integration=scene.asana).count() == 2


def test_a_run_can_still_be_taken_back(scene: Scene) -> None:
    task = scene.here("dive")
    scene.sync()
    scene.edit_here(task, {"title": "dive at noon"})
    run = scene.sync().run
    let_in(scene, "MEMBERS")
    run.refresh_from_db()
    rollback.roll_back(run)
    assert scene.names_there() == ["dive"]
