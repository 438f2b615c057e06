"""Rolling back a run over real HTTP: what comes back, what is left alone, and what no later sync undoes."""

from __future__ import annotations

import pytest

from connectors.base.sandbox.faults import Fault
from integrations.enums import JobStatus
from integrations.models import IntegrationMapping, JobExecution
from records.models import Task
from sync_engine.undo import rollback
from tests.engine.scene import Scene


def test_a_pull_is_rolled_back_but_not_over_a_later_edit(scene: Scene) -> None:
    kept, edited = scene.there("kept"), scene.there("edited")
    scene.sync()
    scene.edit_there(kept, name="kept 2")
    scene.edit_there(edited, name="edited 2")
    run = scene.sync().run
    scene.edit_here(Task.objects.get(title="edited 2").pk, {"title": "edited here"})
    undo, done = rollback.roll_back(run)
    assert scene.titles_here() == ["edited here", "kept"]
    assert [one.skipped for one in done if one.skipped] == ["Edited since: title."]
    assert undo.rolls_back == run
    assert "Edited since: title." in undo.progress["skipped"][0]


def test_a_rolled_back_pull_is_not_pulled_again(scene: Scene) -> None:
    gid = scene.there("a")
    scene.sync()
    scene.edit_there(gid, name="b")
    rollback.roll_back(scene.sync().run)
    scene.sync()
    assert (scene.titles_here(), scene.names_there()) == (["a"], ["b"])


def test_a_push_is_rolled_back_but_not_over_a_later_edit(scene: Scene) -> None:
    kept, edited = scene.here("kept"), scene.here("edited")
    scene.sync()
    scene.edit_here(kept, {"title": "kept 2"})
    scene.edit_here(edited, {"title": "edited 2"})
    run = scene.sync().run
    gid = IntegrationMapping.objects.get(internal_id=edited).external_id
    scene.edit_there(gid, name="edited there")
    _, done = rollback.roll_back(run)
    assert scene.names_there() == ["edited there", "kept"]
    assert [one.skipped for one in done if one.skipped] == ["Edited there since: name."]


def test_a_created_record_is_archived_by_a_rollback(scene: Scene) -> None:
    scene.there("pulled")
    scene.here("pushed")
    rollback.roll_back(scene.sync().run)
    assert (scene.titles_here(), scene.names_there()) == (["pushed"], ["pulled"])


@pytest.mark.parametrize("trouble", ["lose_response", "server_error"])
def test_a_create_that_is_rolled_back_is_not_deleted_here(scene: Scene, trouble: str) -> None:
    scene.here("pushed")
    run = scene.sync().run
    scene.twin.faults.add(Fault(trouble, ("DELETE", ""), None))
    rollback.roll_back(run)
    scene.twin.faults.clear()
    scene.sync(full=True)
    kept = [] if trouble == "lose_response" else ["pushed"]
    assert (scene.titles_here(), scene.names_there()) == (["pushed"], kept)


def test_a_delete_that_is_rolled_back_here_stays_apart_until_somebody_edits_it(scene: Scene) -> None:
    gid = scene.there("a")
    scene.sync()
    scene.twin.hand_delete("tasks", gid)
    rollback.roll_back(scene.sync(full=True).run)
    scene.sync(full=True)
    assert (scene.titles_here(), scene.names_there()) == (["a"], [])
    scene.edit_here(Task.objects.get(title="a").pk, {"title": "b"})
    scene.sync()
    assert scene.names_there() == ["b"]


def test_what_somebody_filled_in_since_keeps_a_created_record(scene: Scene) -> None:
    scene.here("pushed")
    run = scene.sync().run
    scene.edit_there(IntegrationMapping.objects.get().external_id, notes="mine")
    _, done = rollback.roll_back(run)
    assert ([one.skipped for one in done], scene.names_there()) == (["Edited there since: notes."], ["pushed"])


def test_a_running_run_cannot_be_rolled_back(scene: Scene) -> None:
    run = scene.sync().run
    JobExecution.objects.update(status=JobStatus.RUNNING)
    run.refresh_from_db()
    with pytest.raises(rollback.CannotRollBack):
        rollback.preview(run)
