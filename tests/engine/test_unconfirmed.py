"""Writes whose answer was lost: known again by what was sent, even when somebody went back meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from conflicts.models import ConflictResolution
from connectors.base.sandbox.faults import Fault
from integrations.models import PendingChange, SyncCursor
from records.models import Task
from sync_engine.inward import fetching
from tests.engine.scene import Scene
from tests.engine.test_runs import Crash, dies_at


def lost(scene: Scene, **options: Any) -> None:
    scene.twin.faults.add(Fault("lose_response", ("PUT", ""), None))
    scene.sync(**options)
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


@pytest.mark.parametrize("dies", [False, True])
def test_an_edit_that_loses_is_kept_before_it_is_written_over(scene: Scene, dies: bool) -> None:
    scene.asana.conflict_strategy = "LOCAL_WINS"
    scene.asana.save()
    gid = scene.there("birch")
    scene.sync()
    scene.edit_here(Task.objects.get().pk, {"title": "cedar"})
    scene.edit_there(gid, name="oak")
    if dies:
        with dies_at("update answered", skipping=1), pytest.raises(Crash):
            scene.sync(direction="push")
        SyncCursor.objects.update(lease_owner="", lease_until=None)
    else:
        lost(scene, direction="push")
    assert scene.names_there() == ["cedar"]
    scene.sync(full=True)
    (case,) = ConflictResolution.objects.all()
    assert (case.status, case.external_data) == ("AUTO_RESOLVED", {"title": "oak"})
    assert (scene.titles_here(), scene.names_there()) == (["cedar"], ["cedar"])


def test_a_record_edited_there_at_every_look_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours is to win, but what it beats is kept first, every time."""
    scene.asana.conflict_strategy = "LOCAL_WINS"
    scene.asana.save()
    gid = scene.there("birch")
    scene.sync()
    scene.edit_here(Task.objects.get().pk, {"title": "cedar"})
    edits = iter(range(20))

    def edited_meanwhile(*args: Any) -> Any:
        scene.edit_there(gid, name=f"oak {next(edits)}")
        return fetch(*args)

    fetch = fetching.fetch
    monkeypatch.setattr(fetching, "fetch", edited_meanwhile)
    scene.sync(direction="push")
    assert scene.names_there() == ["oak 2"]
    assert PendingChange.objects.get().reason == "Edited there at the same moment."
    monkeypatch.undo()
    PendingChange.objects.update(not_before=None)
    scene.sync(direction="push")
    assert scene.names_there() == ["cedar"]
    kept = {case.external_data["title"] for case in ConflictResolution.objects.all()}
    assert kept == {"oak 0", "oak 1", "oak 2"}
