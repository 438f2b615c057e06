"""Writes whose answer was lost: known again by what was sent, even when somebody went back meanwhile."""

from __future__ import annotations

import pytest

from conflicts.models import ConflictResolution
from connectors.base.sandbox.faults import Fault
from integrations.models import PendingChange, SyncCursor
from records.models import Task
from tests.engine.scene import Scene
from tests.engine.test_runs import Crash, dies_at


def lost(scene: Scene) -> None:
    scene.twin.faults.add(Fault("lose_response", ("PUT", ""), None))
    scene.sync()
    scene.twin.faults.clear()
    PendingChange.objects.update(not_before=None)
    assert scene.names_there() == ["cedar"]


@pytest.mark.parametrize("full", [False, True])
def test_an_edit_back_to_the_value_before_is_not_lost_to_our_own_write(scene: Scene, full: bool) -> None:
    scene.there("birch")
    scene.sync()
    task = Task.objects.get()
    scene.edit_here(task.pk, {"title": "cedar"})
    lost(scene)
    scene.edit_here(task.pk, {"title": "birch"})
    scene.sync(full=full)
    scene.sync()
    assert (scene.titles_here(), scene.names_there()) == (["birch"], ["birch"])


def test_an_edit_there_after_a_lost_answer_is_still_an_edit(scene: Scene) -> None:
    gid = scene.there("birch")
    scene.sync()
    scene.edit_here(Task.objects.get().pk, {"title": "cedar"})
    lost(scene)
    scene.edit_there(gid, name="oak")
    scene.sync()
    (case,) = ConflictResolution.objects.filter(status="PENDING")
    assert (case.conflicted_fields, scene.names_there()) == (["title"], ["oak"])


def test_what_a_worker_sent_before_it_died_is_known_again(scene: Scene) -> None:
    scene.there("birch")
    scene.sync()
    task = Task.objects.get()
    scene.edit_here(task.pk, {"title": "cedar"})
    with dies_at("update answered"), pytest.raises(Crash):
        scene.sync()
    scene.edit_here(task.pk, {"title": "birch"})
    SyncCursor.objects.update(lease_owner="", lease_until=None)
    scene.sync()
    scene.sync()
    assert (scene.titles_here(), scene.names_there()) == (["birch"], ["birch"])
