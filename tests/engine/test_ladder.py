"""R1's retry policy on a clock that moves when it is told to: when a failed run is tried again, when it is given up,
what stops, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from connectors.base.errors import AuthError, ConfigError, NotFound, RateLimited, Rejected, Transient
from connectors.base.sandbox.faults import Fault
from integrations.enums import IntegrationStatus, JobStatus
from integrations.models import Integration, JobExecution, SyncCursor, SyncLog
from sync_engine.inward import reader
from sync_engine.ports import bound
from sync_engine.running import filed, ladder, runs, schedule
from sync_engine.simulation.chance import VirtualClock
from tests.engine.scene import Scene

ALWAYS = None


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    made = VirtualClock(datetime.now(UTC).replace(microsecond=0))
    with bound(clock=made, threads=False):
        yield made


def down(scene: Scene, status: int = 503, times: int | None = ALWAYS, where: str = "^/tasks", **headers: str) -> None:
    params = {"status": status, "message": "Down.", **headers}
    scene.twin.faults.add(Fault("server_error", ("GET", where), times=times, params=params))


def waiting(scene: Scene) -> JobExecution:
    return JobExecution.objects.get(integration=scene.asana, status="PENDING")


def beat(clock: VirtualClock, minutes: int) -> list[int]:
    """Every minute what is due is started, as the timetable does. Returns the minutes at which something ran."""
    ran = []
    for minute in range(1, minutes + 1):
        clock.advance(60)
        runs.reap()
        if schedule.start_pending():
            ran.append(minute)
    return ran


def status(scene: Scene) -> str:
    scene.asana.refresh_from_db()
    return str(scene.asana.status)


# The steps


def test_backoff_is_that_of_r1() -> None:
    minutes = [ladder.backoff(count) / timedelta(minutes=1) for count in range(5)]
    assert minutes == [1, 2, 4, 8, 16]


def test_a_provider_that_is_down_is_asked_after_1_2_4_8_and_16_minutes_and_given_up(
    scene: Scene, clock: VirtualClock
) -> None:
    down(scene)
    assert scene.sync().failed
    first = waiting(scene)
    assert (first.job_type, first.retry_count, first.max_retries) == ("RETRY", 1, 5)
    assert first.scheduled_for == clock.now() + timedelta(minutes=1)
    # The fake clock also moves while the client repeats a read by itself, so a step may end a minute later.
    began = clock.now()
    beat(clock, 40)
    chain = list(JobExecution.objects.filter(integration=scene.asana).order_by("retry_count"))
    steps = [(later.started_at - earlier.completed_at) for earlier, later in pairwise(chain)]
    assert [round(step / timedelta(minutes=1)) for step in steps] == [1, 2, 4, 8, 16]
    assert [run.status for run in chain] == [JobStatus.FAILED] * 6
    assert chain[-1].started_at - began < timedelta(minutes=33)
    assert status(scene) == IntegrationStatus.ERROR
    last = chain[-1]
    assert "Given up after 5 retries" in last.error_message
    assert last.error_details is not None
    assert [one["run"] for one in last.error_details["attempts"]] == [str(run.pk) for run in chain]
    assert {one["status"] for one in last.error_details["attempts"]} == {503}
    assert last.error_details["request"]["method"] == "GET"
    assert "sandbox-token" not in str(last.error_details)
    logs = SyncLog.objects.filter(operation="BULK_SYNC", status="FAILED").order_by("id")
    assert [(log.retry_count, log.http_status) for log in logs] == [(count, 503) for count in range(6)]


def test_after_it_was_given_up_nothing_starts_by_itself(scene: Scene, clock: VirtualClock) -> None:
    down(scene)
    scene.sync()
    beat(clock, 40)
    calls = scene.twin.counts["GET"]
    scene.here("waits")
    assert schedule.integrations_with_pending() == schedule.due() == schedule.of_frequency("HOURLY") == []
    assert schedule.to_reconcile() == beat(clock, 60) == []
    assert scene.twin.counts["GET"] == calls


def test_a_retry_that_goes_through_ends_the_ladder(scene: Scene, clock: VirtualClock) -> None:
    scene.there("a")
    down(scene)
    scene.sync()
    beat(clock, 5)
    scene.twin.faults.clear()
    beat(clock, 6)
    assert scene.titles_here() == ["a"]
    assert not JobExecution.objects.filter(status="PENDING").exists()
    assert status(scene) == IntegrationStatus.ACTIVE
    said = SyncLog.objects.filter(operation="BULK_SYNC").latest("id")
    assert (said.status, said.retry_count) == ("SUCCESS", 3)
    down(scene)
    scene.sync()
    assert waiting(scene).retry_count == 1


@pytest.mark.parametrize(
    ("problem", "again"),
    [
        (Transient("Fault.", status=500), True),
        (Transient("Timed out."), True),
        (RateLimited("Slow down.", status=429), True),
        (AuthError("No.", status=401), False),
        (ConfigError("Not allowed.", status=403), False),
        (NotFound("No such project.", status=404), False),
        (Rejected("What?", status=400), False),
    ],
)
def test_which_failures_are_tried_again(
    scene: Scene, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, problem: Exception, again: bool
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr("sync_engine.pipeline.run_shapes", fails)
    assert scene.sync().failed
    assert JobExecution.objects.filter(job_type="RETRY", status="PENDING").exists() is again
    assert status(scene) == ("ACTIVE" if again else "ERROR")


def test_a_timeout_over_the_wire_is_tried_again(scene: Scene, clock: VirtualClock) -> None:
    scene.twin.faults.add(Fault("truncated", ("GET", "^/tasks"), times=None, params={"connection": True}))
    scene.sync()
    assert waiting(scene).retry_count == 1


# What the provider asks for


def test_a_longer_pause_that_the_provider_asks_for_is_kept(scene: Scene, clock: VirtualClock) -> None:
    scene.twin.faults.add(Fault("rate_limited", ("GET", "^/tasks"), params={"retry_after": 600}))
    scene.sync()
    assert waiting(scene).scheduled_for == clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize(("seconds", "minutes"), [(5, 1), (None, 1), (90 * 3600, 24 * 60)])
def test_a_pause_is_at_least_a_step_and_at_most_a_day(seconds: float | None, minutes: int) -> None:
    problem = RateLimited("Slow down.", status=429, retry_after=seconds)
    assert ladder.pause(0, problem) == timedelta(minutes=minutes)


def test_our_own_budget_does_not_count_as_a_failure(
    scene: Scene, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spent(*_: object, **__: object) -> None:
        raise RateLimited("Used up.", retry_after=20)

    monkeypatch.setattr("sync_engine.pipeline.run_shapes", spent)
    scene.sync()
    assert waiting(scene).scheduled_for == clock.now() + timedelta(seconds=20)
    beat(clock, 10)
    assert waiting(scene).retry_count == 0
    assert status(scene) == IntegrationStatus.ACTIVE


# One retry at a time


def test_what_fails_while_a_retry_waits_is_added_to_it(scene: Scene, clock: VirtualClock) -> None:
    down(scene)
    scene.sync(direction="pull", resource_types=("task",))
    at = waiting(scene).scheduled_for
    scene.sync(direction="push", full=True)
    scene.sync(full=True)
    only = waiting(scene)
    assert (only.retry_count, only.options["direction"], only.options["full"]) == (1, "both", True)
    assert only.options["resourceTypes"] == []
    assert at is not None
    assert only.scheduled_for is not None
    assert only.scheduled_for >= at


def test_until_its_time_the_provider_is_left_alone(scene: Scene, clock: VirtualClock) -> None:
    down(scene)
    scene.sync()
    scene.here("edited meanwhile")
    assert (schedule.integrations_with_pending(), schedule.of_frequency("HOURLY")) == ([], [])
    scene.twin.faults.clear()
    beat(clock, 1)
    assert schedule.integrations_with_pending() == []
    assert scene.names_there() == ["edited meanwhile"]


def test_a_run_by_hand_that_goes_through_ends_the_wait(scene: Scene, clock: VirtualClock) -> None:
    down(scene)
    scene.sync()
    scene.twin.faults.clear()
    done = scene.sync().run
    retry = JobExecution.objects.get(job_type="RETRY")
    assert (retry.status, str(done.pk) in retry.error_message) == ("CANCELLED", True)


def test_a_smaller_run_that_goes_through_makes_the_retry_due(scene: Scene, clock: VirtualClock) -> None:
    down(scene)
    scene.sync(full=True)
    scene.twin.faults.clear()
    scene.sync(direction="pull")
    assert waiting(scene).scheduled_for == clock.now()


# Where it goes on


def test_a_first_import_goes_on_at_the_checkpoint(
    scene: Scene, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "BATCH", 100)
    for number in range(250):
        scene.there(f"task {number:03}")

    def breaks(_: object) -> None:
        if not scene.twin.faults:
            down(scene)

    assert runs.execute(scene.asana, runs.Options(full=True), progress=breaks).failed
    half = len(scene.titles_here())
    assert 0 < half < 250
    assert SyncCursor.objects.get(resource_type="task").checkpoint is not None
    scene.twin.faults.clear()
    assert beat(clock, 2) == [1]
    assert len(scene.titles_here()) == 250
    assert JobExecution.objects.get(job_type="RETRY").total_records == 250 - half


def test_what_is_done_before_the_failure_is_not_done_again(scene: Scene, clock: VirtualClock) -> None:
    scene.there("a")
    both = scene.connect("Both", data_types=["MEMBERS", "TASKS"])
    down(scene)
    assert scene.sync(both, full=True).failed
    members = SyncCursor.objects.get(integration=both, resource_type="member")
    read_at, clock_then = members.last_full_at, clock.now()
    scene.twin.faults.clear()
    beat(clock, 2)
    members.refresh_from_db()
    tasks = SyncCursor.objects.get(integration=both, resource_type="task")
    assert tasks.last_full_at is not None
    assert (members.last_full_at, tasks.last_full_at > clock_then) == (read_at, True)


def test_a_worker_that_dies_again_and_again_over_the_same_record_is_given_up(scene: Scene, clock: VirtualClock) -> None:
    run = scene.sync().run
    ran = []
    for _ in range(7):
        JobExecution.objects.filter(pk=run.pk).update(status="RUNNING", lease_until=clock.now(), total_records=0)
        clock.advance(1)
        risen = runs.reap()
        if not risen:
            break
        (run,) = risen
        assert run.scheduled_for is not None
        ran.append(round((run.scheduled_for - clock.now()) / timedelta(minutes=1)))
    assert ran == [0, 2, 4, 8, 16]
    assert status(scene) == IntegrationStatus.ERROR


def test_a_worker_that_got_on_is_resumed_at_once(scene: Scene, clock: VirtualClock) -> None:
    run = scene.sync().run
    JobExecution.objects.filter(pk=run.pk).update(
        status="RUNNING", lease_until=clock.now() - timedelta(1), total_records=7, retry_count=5
    )
    (risen,) = runs.reap()
    assert (risen.retry_count, risen.scheduled_for, status(scene)) == (5, clock.now(), "ACTIVE")


def test_a_dead_run_of_a_plan_is_resumed_as_that_plan(scene: Scene, clock: VirtualClock) -> None:
    scene.there("planned")
    plan = scene.sync(dry_run=True).run
    scene.there("made after the plan")
    dead = filed.file(scene.asana, runs.Options(plan=str(plan.pk)), clock.now())
    JobExecution.objects.filter(pk=dead.pk).update(status="RUNNING", lease_until=clock.now() - timedelta(1))
    (risen,) = runs.reap()
    assert schedule.start_pending() == 1
    assert (scene.titles_here(), str(risen.plan_id)) == (["planned"], str(plan.pk))


# Rows are the truth


def test_a_run_that_no_worker_took_up_is_handed_out_again(scene: Scene, clock: VirtualClock) -> None:
    row = filed.file(scene.asana, runs.Options(), clock.now())
    assert [[str(run.pk) for run in filed.take()] for _ in range(2)] == [[row.pk], []]
    clock.advance(filed.HANDED_OUT.total_seconds())
    assert [str(run.pk) for run in filed.take()] == [row.pk]


def test_a_run_starts_once_however_often_it_is_handed_out(scene: Scene, clock: VirtualClock) -> None:
    row = filed.file(scene.asana, runs.Options(), clock.now())
    assert schedule.carry_out(str(row.pk)) is not None
    assert schedule.carry_out(str(row.pk)) is None


def test_a_retry_that_finds_another_worker_waits_again(scene: Scene, clock: VirtualClock) -> None:
    scene.sync()
    SyncCursor.objects.update(lease_owner="somebody", lease_until=clock.now() + timedelta(hours=1))
    row = filed.file(scene.asana, runs.Options(job_type="RETRY"), clock.now(), retry_count=2)
    assert schedule.carry_out(str(row.pk)) is not None
    again = waiting(scene)
    assert (str(again.pk), again.retry_count) == (str(row.pk), 2)
    assert again.scheduled_for is not None
    assert again.scheduled_for > clock.now()


def test_what_a_person_paused_during_a_run_stays_paused(
    scene: Scene, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pauses(*_: object, **__: object) -> None:
        Integration.objects.update(status="PAUSED")

    monkeypatch.setattr("sync_engine.pipeline.run_shapes", pauses)
    runs.execute(scene.asana, runs.Options())
    assert status(scene) == IntegrationStatus.PAUSED


# DEGRADED


def test_over_a_tenth_of_failed_records_is_degraded_and_a_good_run_recovers(scene: Scene, clock: VirtualClock) -> None:
    for number in range(8):
        scene.there(f"fits {number}")
    scene.there("x" * 1100)
    assert scene.sync().counters["failed"] == 1
    assert status(scene) == IntegrationStatus.DEGRADED
    assert schedule.of_frequency("HOURLY") == [scene.asana]
    scene.sync()
    assert status(scene) == IntegrationStatus.ACTIVE


def test_a_tenth_is_not_over_a_tenth(scene: Scene, clock: VirtualClock) -> None:
    for number in range(9):
        scene.there(f"fits {number}")
    scene.there("x" * 1100)
    scene.sync()
    assert status(scene) == IntegrationStatus.ACTIVE


def test_records_that_the_provider_refuses_count_as_well(scene: Scene, clock: VirtualClock) -> None:
    scene.sync()
    scene.here("refused")
    scene.twin.faults.add(Fault("server_error", ("POST", "^/tasks$"), params={"status": 400, "message": "No."}))
    scene.sync(direction="push")
    assert status(scene) == IntegrationStatus.DEGRADED


# Records that are put off one by one


def test_a_record_that_the_provider_cannot_take_waits_longer_each_time(scene: Scene, clock: VirtualClock) -> None:
    scene.sync()
    scene.here("later")
    scene.twin.faults.add(Fault("server_error", ("POST", "^/tasks$"), times=None, params={"status": 423}))
    waits = []
    for _ in range(7):
        scene.sync()
        row = scene.asana.pending.get()
        assert row.not_before is not None
        waits.append(round((row.not_before - clock.now()) / timedelta(minutes=1)))
        clock.advance(60 * waits[-1] + 1)
    assert waits == [1, 2, 4, 8, 16, 16, 16]
    assert status(scene) == IntegrationStatus.DEGRADED


def test_where_nothing_at_all_answers_the_push_itself_has_failed(scene: Scene, clock: VirtualClock) -> None:
    scene.sync()
    scene.here("later")
    scene.twin.faults.add(Fault("server_error", ("POST", "^/tasks$"), times=None, params={"status": 423}))
    assert scene.sync(direction="push").run.status == JobStatus.FAILED
    retry = waiting(scene)
    assert (retry.options["direction"], retry.retry_count) == ("push", 1)
