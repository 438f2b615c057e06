"""A rollback that a worker carries out: in stints, cancelled, and gone on with after a death, without a write twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from integrations.enums import IntegrationStatus, JobStatus
from integrations.models import JobExecution, SyncCursor, SyncLog
from sync_engine.api import stopping
from sync_engine.ports import bound, ports
from sync_engine.running import relay, runs, schedule
from sync_engine.running.stint import Stint
from sync_engine.undo import rollback
from tests.engine.scene import Scene
from tests.engine.test_runs import Crash, dies_at


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule finds what is filed."""
    monkeypatch.setattr(relay, "queue", lambda run: None)


def pulled(scene: Scene, number: int = 3) -> JobExecution:
    """A run that took over renamed tasks."""
    gids = [scene.there(f"old {one}") for one in range(number)]
    scene.sync()
    for one, gid in enumerate(gids):
        scene.edit_there(gid, name=f"new {one}")
    return scene.sync().run


def pushed(scene: Scene, number: int = 3) -> JobExecution:
    """A run that renamed tasks there."""
    tasks = [scene.here(f"old {one}") for one in range(number)]
    scene.sync()
    for one, task in enumerate(tasks):
        scene.edit_here(task, {"title": f"new {one}"})
    return scene.sync().run


def as_dead() -> None:
    """Time passes until the leases have run out."""
    late = ports().clock.now() - timedelta(minutes=5)
    JobExecution.objects.filter(status=JobStatus.RUNNING).update(lease_until=late)
    SyncCursor.objects.update(lease_until=late)


def after(effects: int, do: Callable[[], None]) -> Callable[[str], None]:
    """Does it at that many rollback steps."""
    left = [effects]

    def effect(reached: str) -> None:
        if reached == "rollback step":
            left[0] -= 1
            if not left[0]:
                do()

    return effect


def crash() -> None:
    raise Crash


def test_a_filed_rollback_is_no_sync_and_says_how_far_it_is(scene: Scene) -> None:
    run = pulled(scene)
    undo = rollback.file(run, cause="rolled back by Dana")
    scene.there("not to be pulled by it")
    assert schedule.start_pending() == 1
    undo.refresh_from_db()
    assert (undo.status, undo.progress["of"], undo.progress["back"]) == (JobStatus.COMPLETED, 3, 3)
    assert scene.titles_here() == ["old 0", "old 1", "old 2"]


def test_a_paused_integration_is_rolled_back_all_the_same(scene: Scene) -> None:
    run = pulled(scene, 1)
    scene.asana.status = IntegrationStatus.PAUSED
    scene.asana.save()
    rollback.file(run, cause="")
    schedule.start_pending()
    assert scene.titles_here() == ["old 0"]


def test_of_two_who_roll_back_the_second_is_told(scene: Scene) -> None:
    run = pulled(scene, 1)
    rollback.file(run, cause="")
    with pytest.raises(rollback.CannotRollBack, match="already"):
        rollback.file(run, cause="")


def test_a_stint_hands_over_to_the_next(scene: Scene) -> None:
    undo = rollback.file(pulled(scene), cause="")
    for done in (1, 2, 3):
        assert relay.claim(str(undo.pk), runs.owner())
        rollback.go_on(undo, stint=Stint(seconds=0.0))
        undo.refresh_from_db()
        assert (undo.status, undo.progress["done"]) == (JobStatus.PENDING, done)
    assert schedule.start_pending() == 1
    undo.refresh_from_db()
    assert (undo.status, undo.progress["back"]) == (JobStatus.COMPLETED, 3)


@pytest.mark.parametrize("made", [pulled, pushed])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_after_a_death_it_goes_on_and_writes_nothing_twice(
    scene: Scene, made: Callable[[Scene], JobExecution], step: int
) -> None:
    undo = rollback.file(made(scene), cause="")
    before = scene.writes_there()
    with bound(effect=after(step, crash), threads=False), pytest.raises(Crash):
        schedule.start_pending()
    as_dead()
    (risen,) = runs.reap()
    assert (str(risen.pk), schedule.start_pending()) == (str(undo.pk), 1)
    undo.refresh_from_db()
    assert (undo.status, undo.progress["back"], undo.progress["left"]) == (JobStatus.COMPLETED, 3, 0)
    assert SyncLog.objects.filter(run=undo).count() == 3
    assert scene.writes_there() - before == (3 if made is pushed else 0)
    scene.sync(full=True)
    here, there = ("old", "new") if made is pulled else ("new", "old")
    assert scene.titles_here() == [f"{here} {one}" for one in range(3)]
    assert scene.names_there() == [f"{there} {one}" for one in range(3)]


@pytest.mark.parametrize("moment", ["rollback buried", "rollback step"])
def test_a_delete_that_a_worker_died_at_is_finished(scene: Scene, moment: str) -> None:
    scene.here("pushed")
    undo = rollback.file(scene.sync().run, cause="")
    with dies_at(moment), pytest.raises(Crash):
        schedule.start_pending()
    as_dead()
    runs.reap()
    schedule.start_pending()
    undo.refresh_from_db()
    assert (undo.progress["back"], scene.names_there()) == (1, [])
    scene.sync(full=True)
    assert scene.titles_here() == ["pushed"]


def test_cancelled_it_stops_and_what_was_begun_is_noted(scene: Scene) -> None:
    undo = rollback.file(pushed(scene), cause="")
    with bound(effect=after(2, lambda: _cancel(undo)), threads=False):
        schedule.start_pending()
    undo.refresh_from_db()
    assert (undo.status, undo.error_message) == (JobStatus.CANCELLED, "Cancelled by Dana.")
    assert undo.progress["back"] == 2
    scene.sync(full=True)
    assert scene.names_there() == ["new 0", "old 1", "old 2"]
    assert scene.titles_here() == ["new 0", "new 1", "new 2"]
    rollback.again(undo, cause="")
    schedule.start_pending()
    assert scene.names_there() == ["old 0", "old 1", "old 2"]


def test_it_waits_while_another_worker_is_at_the_records(scene: Scene) -> None:
    undo = rollback.file(pulled(scene, 1), cause="")
    soon = ports().clock.now() + timedelta(minutes=1)
    SyncCursor.objects.update(lease_owner="another worker", lease_until=soon)
    schedule.start_pending()
    undo.refresh_from_db()
    assert (undo.status, scene.titles_here()) == (JobStatus.PENDING, ["new 0"])
    assert undo.scheduled_for is not None
    assert undo.scheduled_for > ports().clock.now()


def test_a_write_that_kills_every_worker_ends_it_with_a_sentence(scene: Scene) -> None:
    undo = rollback.file(pulled(scene, 1), cause="")
    for _ in range(6):
        JobExecution.objects.update(scheduled_for=ports().clock.now(), lease_until=None)
        with dies_at("rollback step"), pytest.raises(Crash):
            schedule.start_pending()
        as_dead()
        runs.reap()
    undo.refresh_from_db()
    assert (undo.status, scene.titles_here()) == (JobStatus.FAILED, ["new 0"])
    assert "stopped 6 times at the same write" in undo.error_message


def _cancel(undo: JobExecution) -> None:
    stopping.cancel(undo, "Dana")
