"""Whole runs over real HTTP: leases, the reaper, plans, exit codes, the hub."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import serve
from integrations.connect import connect
from integrations.enums import JobStatus, SyncDirection
from integrations.models import ExternalChange, IntegrationMapping, JobExecution, PendingChange, SyncCursor, SyncLog
from records.models import LocalChange
from sync_engine import build
from sync_engine.ports import ports
from sync_engine.running import leases, runs, schedule
from tests.engine.scene import Scene


class Crash(BaseException):
    """The worker dies: nothing of its memory is left, nothing more is written."""


def dies_at(name: str, skipping: int = 0) -> Any:
    """A worker that ends where this effect is reached, `skipping` times not."""
    from sync_engine.ports import bound

    passes = iter(range(skipping))

    def effect(reached: str) -> None:
        if reached == name and next(passes, None) is None:
            raise Crash(name)

    return bound(effect=effect, threads=False)


def command(*arguments: str) -> tuple[int, list[str]]:
    """(exit status, lines) of `manage.py sync`."""
    out = StringIO()
    try:
        call_command("sync", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


# Leases and the reaper


def test_a_second_worker_leaves_the_type_to_the_first(scene: Scene) -> None:
    scene.there("a")
    shape = build.shapes(scene.asana, connect(scene.asana, clock=ports().clock), resource_types=["task"])[0]
    leases.take(shape, "another worker")
    result = scene.sync(resource_types=("task",))
    assert (result.run.status, scene.titles_here()) == (JobStatus.CANCELLED, [])
    assert "Another worker is syncing task of 'Asana' right now" in result.error
    leases.release(shape, "another worker")
    assert not scene.sync().failed
    assert scene.titles_here() == ["a"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_each_record_once(scene: Scene) -> None:
    for number in range(30):
        scene.there(f"there {number}")
        scene.here(f"here {number}")

    def work() -> None:
        try:
            scene.sync()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    scene.sync()
    assert len(scene.titles_here()) == len(set(scene.titles_here())) == 60
    assert scene.names_there() == scene.titles_here()


def test_the_reaper_resumes_a_run_whose_worker_died(scene: Scene) -> None:
    scene.there("a")
    with dies_at("page read"), pytest.raises(Crash):
        scene.sync()
    dead = JobExecution.objects.get()
    assert (dead.status, runs.reap()) == (JobStatus.RUNNING, [])
    late = ports().clock.now() - timedelta(minutes=5)
    JobExecution.objects.update(lease_until=late)
    SyncCursor.objects.update(lease_until=late)
    (risen,) = runs.reap()
    assert schedule.start_pending() == 1
    dead.refresh_from_db()
    assert (dead.status, risen.cause) == (JobStatus.FAILED, f"resumes run {dead.pk}")
    assert scene.titles_here() == ["a"]


def test_a_create_whose_worker_died_is_not_repeated(scene: Scene) -> None:
    scene.sync()
    scene.here("once")
    with dies_at("create answered"), pytest.raises(Crash):
        scene.sync()
    SyncCursor.objects.update(lease_until=ports().clock.now() - timedelta(minutes=5))
    scene.sync()
    assert scene.names_there() == ["once"]
    assert IntegrationMapping.objects.filter(resource_type="task").count() == 1


# Plans


def test_a_plan_writes_nothing_and_apply_does_what_it_showed(scene: Scene) -> None:
    scene.there("there")
    scene.here("here")
    plan = scene.sync(dry_run=True).run
    assert (plan.status, scene.writes_there(), scene.titles_here()) == (JobStatus.AWAITING_APPROVAL, 0, ["here"])
    later = scene.there("made after the plan")
    result = scene.sync(plan=str(plan.pk))
    assert not result.failed
    assert scene.titles_here() == ["here", "there"]
    assert not IntegrationMapping.objects.filter(external_id=later).exists()
    assert set(plan.steps.values_list("state", flat=True)) == {"APPLIED"}


def test_a_step_whose_record_moved_is_dropped(scene: Scene) -> None:
    gid = scene.there("before")
    scene.sync()
    scene.edit_there(gid, name="planned")
    plan = scene.sync(dry_run=True).run
    scene.edit_there(gid, name="moved on")
    result = scene.sync(plan=str(plan.pk))
    assert (result.counters["stale"], scene.titles_here()) == (1, ["before"])
    scene.sync()
    assert scene.titles_here() == ["moved on"]


def test_what_came_after_the_plan_is_not_passed_by(scene: Scene) -> None:
    """Neither the cursor nor a look-up may go past a record that the plan did not show."""
    known = scene.there("known")
    scene.sync()
    scene.there("planned")
    plan = scene.sync(dry_run=True).run
    late = scene.there("made after the plan")
    scene.edit_there(known, name="edited after the plan")
    scene.sync(plan=str(plan.pk))
    assert scene.titles_here() == ["known", "planned"]
    SyncCursor.objects.update(stamp=ports().clock.now() + timedelta(hours=1))  # no listing shows them again
    scene.sync()
    assert scene.titles_here() == ["edited after the plan", "made after the plan", "planned"]
    assert IntegrationMapping.objects.filter(external_id=late).exists()
    assert not ExternalChange.objects.exists()


# The command


def test_exit_0_when_done_and_the_last_line_sums_up(scene: Scene) -> None:
    scene.there("a")
    status, lines = command("Asana", "--json")
    run, last = json.loads(lines[0]), json.loads(lines[-1])
    assert (status, last["exit"]) == (0, 0)
    assert last["records"] == run["records"] >= 1
    assert last["work_s"] > 0


def test_exit_2_when_a_dry_run_would_change_something(scene: Scene) -> None:
    scene.there("a")
    assert command("Asana", "--dry-run")[0] == 2
    assert command("Asana")[0] == 0
    assert command("Asana", "--dry-run")[0] == 0


def test_exit_1_when_a_record_fails(scene: Scene) -> None:
    scene.sync()
    scene.here("refused", description="x")
    scene.twin.faults.add(Fault("server_error", ("POST", "^/tasks$"), params={"status": 400, "message": "No."}))
    status, lines = command("Asana", "--json")
    assert (status, json.loads(lines[0])["failed"]) == (1, 1)


def test_push_only_reads_no_listing(scene: Scene) -> None:
    scene.sync()
    scene.there("stays there")
    scene.here("goes out")
    assert command("Asana", "--direction", "push")[0] == 0
    assert scene.titles_here() == ["goes out"]
    assert scene.names_there() == ["goes out", "stays there"]


def test_an_item_is_pushed_alone(scene: Scene) -> None:
    scene.sync()
    chosen = scene.here("chosen")
    scene.here("waits")
    assert command("Asana", "--item", chosen)[0] == 0
    assert scene.names_there() == ["chosen"]
    assert PendingChange.objects.count() == 1


# The hub


@pytest.fixture
def other(scene: Scene) -> Iterator[AsanaTwin]:
    """A second Asana account of the same organization, connected as `Other`."""
    twin = AsanaTwin()
    with serve(0, [twin]) as running:
        scene.connect("Other", server=running)
        yield twin


def test_a_change_travels_from_one_integration_to_the_other_and_ends(scene: Scene, other: AsanaTwin) -> None:
    second = scene.organization.integrations.get(name="Other")
    gid = scene.there("travels")
    scene.sync()
    scene.sync(second)
    assert scene.names_there(other) == ["travels"]
    scene.edit_there(gid, name="travelled")
    for integration in (scene.asana, second) * 2:
        scene.sync(integration)
    assert (scene.names_there(), scene.names_there(other)) == (["travelled"], ["travelled"])
    before = scene.writes_there() + other.counts["POST"] + other.counts["PUT"], SyncLog.objects.count()
    for integration in (scene.asana, second) * 2:
        scene.sync(integration)
    assert (scene.writes_there() + other.counts["POST"] + other.counts["PUT"], SyncLog.objects.count()) == before
    assert not PendingChange.objects.exists()
    assert not LocalChange.objects.filter(distributed_at=None).exists()


def test_who_has_no_place_in_the_feed_reads_everything_to_learn_what_is_gone(scene: Scene) -> None:
    gid = scene.there("a")
    scene.sync()
    SyncCursor.objects.update(feed_token="")
    scene.twin.hand_delete("tasks", gid)
    scene.sync()
    assert scene.titles_here() == []
    assert SyncCursor.objects.get(resource_type="task").feed_token


def test_a_pull_only_integration_writes_nothing_there(scene: Scene) -> None:
    scene.asana.sync_direction = SyncDirection.EXTERNAL_TO_LOCAL
    scene.asana.save()
    scene.there("a")
    scene.here("stays")
    scene.sync()
    assert (scene.names_there(), scene.writes_there()) == (["a"], 0)
