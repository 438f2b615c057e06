"""Runs of workers go from task to task: a page budget, a checkpoint, then the next task goes on with the same run."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.asana.connector import AsanaConnector
from integrations.connect import connect
from integrations.enums import JobStatus
from integrations.models import JobExecution, ListingPart, SyncCursor, SyncLog
from records.models import Task
from sync_engine import build, queues, tasks
from sync_engine.api import starting, stopping
from sync_engine.ports import ports
from sync_engine.running import relay, runs, schedule
from tests.engine.scene import Scene

PAGE = 3


class Queue(deque[list[Any]]):
    """Tasks that wait for a worker; `work` carries one out, with arguments that went through JSON."""

    def work(self) -> None:
        tasks.sync.apply(args=self.popleft(), throw=True)

    def work_all(self) -> int:
        count = 0
        while self:
            self.work()
            count += 1
        return count


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Queue:
    """Small pages, two of them for each task."""
    waiting = Queue()
    monkeypatch.setattr(
        tasks.sync, "apply_async", lambda args, retry=True: waiting.append(json.loads(json.dumps(args)))
    )
    small = tuple(replace(one, page_size=PAGE) for one in AsanaConnector.resources)
    monkeypatch.setattr(AsanaConnector, "resources", small)
    settings.SYNC_TASK_PAGES = 2
    return waiting


@pytest.fixture
def ask(scene: Scene, queue: Queue) -> Callable[..., JobExecution]:
    def filed(**options: Any) -> JobExecution:
        return starting.start(scene.asana, cause="asked", **options)

    return filed


def many_there(scene: Scene, count: int) -> list[str]:
    return [scene.there(f"task {number:02}") for number in range(count)]


def test_a_long_run_goes_from_task_to_task_under_one_row(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    many_there(scene, 14)
    run = ask()
    queue.work()
    run.refresh_from_db()
    assert (len(scene.titles_here()), run.status, run.total_records) == (2 * PAGE, JobStatus.PENDING, 2 * PAGE)
    assert run.progress["types"]["task"]["began"]
    assert queue.work_all() == 2
    run.refresh_from_db()
    assert (run.status, run.progress["stints"], run.cause) == (JobStatus.COMPLETED, 3, "asked")
    assert len(scene.titles_here()) == run.counters["created"] == run.counters["records"] == 14
    assert run.counters["api_calls"] >= 5
    assert JobExecution.objects.count() == 1
    assert set(SyncLog.objects.values_list("run_id", flat=True)) == {run.pk}
    assert not SyncCursor.objects.exclude(lease_owner="").exists()


def test_a_full_run_is_read_once_and_finds_what_is_gone(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    gids = many_there(scene, 14)
    scene.sync()
    scene.twin.hand_delete("tasks", gids[1])
    run = ask(full=True)
    assert queue.work_all() == 3
    run.refresh_from_db()
    assert (run.status, run.counters["records"]) == (JobStatus.COMPLETED, 13)
    assert "task 01" not in scene.titles_here()
    assert len(scene.titles_here()) == 13
    assert not ListingPart.objects.exists()


def test_a_long_run_does_what_is_urgent_between_its_tasks(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    gids = many_there(scene, 14)
    scene.sync()
    run = ask(full=True)
    queue.work()
    ours = Task.objects.get(title="task 13")
    scene.edit_here(ours.pk, {"title": "edited here"})
    scene.edit_there(gids[12], name="edited there")
    shape = build.shapes(scene.asana, connect(scene.asana, clock=ports().clock))[0]
    queues.enqueue_rereads(shape, [gids[12]], "webhook", ports().clock.now())
    tasks.drain()
    queue.work()
    run.refresh_from_db()
    assert (run.status, run.counters["pushed"], run.counters["pulled"]) == (JobStatus.PENDING, 1, 1)
    assert "edited here" in scene.names_there()
    assert "edited there" in scene.titles_here()
    queue.work_all()
    run.refresh_from_db()
    assert (run.status, run.counters["pushed"], run.counters["pulled"]) == (JobStatus.COMPLETED, 1, 1)
    assert scene.titles_here() == scene.names_there()


def test_types_that_the_run_has_not_come_to_are_served_as_well(scene: Scene, queue: Queue) -> None:
    for number in range(20):
        scene.twin.hand_create("users", {"name": f"user {number}", "email": f"u{number}@example.org"})
    both = scene.connect("Both", data_types=["MEMBERS", "TASKS"])
    scene.asana.delete()
    scene.sync(both)
    run = starting.start(both, cause="asked", full=True)
    queue.work()
    scene.here("made meanwhile")
    queue.work()
    run.refresh_from_db()
    assert (run.status, run.progress["types"]["task"]["began"]) == (JobStatus.PENDING, False)
    assert scene.names_there() == ["made meanwhile"]
    queue.work_all()
    assert not SyncCursor.objects.exclude(lease_owner="").exists()


def test_before_the_first_listing_is_done_nothing_is_pushed(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    many_there(scene, 14)
    ask()
    queue.work()
    scene.here("ours")
    queue.work()
    assert "ours" not in scene.names_there()
    queue.work_all()
    assert "ours" in scene.names_there()


def test_pushes_are_handed_over_too(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_engine.running.stint.ROWS", 2)
    for number in range(7):
        scene.here(f"ours {number}")
    run = ask(direction="push")
    queue.work_all()
    run.refresh_from_db()
    assert (run.status, run.counters["pushed"], len(scene.names_there())) == (JobStatus.COMPLETED, 7, 7)


def test_minutes_end_a_stint_as_pages_do(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution], settings: Any
) -> None:
    settings.SYNC_TASK_PAGES, settings.SYNC_TASK_MINUTES = 1000, 0
    many_there(scene, 7)
    run = ask()
    assert queue.work_all() >= 3
    run.refresh_from_db()
    assert (run.status, len(scene.titles_here())) == (JobStatus.COMPLETED, 7)


def test_nobody_takes_the_type_between_two_stints(scene: Scene, queue: Queue, ask: Callable[..., JobExecution]) -> None:
    many_there(scene, 14)
    ask()
    queue.work()
    assert scene.sync().run.status == JobStatus.CANCELLED
    queue.work_all()
    assert len(scene.titles_here()) == 14


def test_a_run_is_cancelled_between_two_stints(scene: Scene, queue: Queue, ask: Callable[..., JobExecution]) -> None:
    many_there(scene, 14)
    run = ask()
    queue.work()
    assert stopping.cancel(run, "dana") == JobStatus.CANCELLED
    queue.work_all()
    run.refresh_from_db()
    assert (run.status, run.error_message) == (JobStatus.CANCELLED, "Cancelled by dana.")
    assert len(scene.titles_here()) == 2 * PAGE
    assert not scene.sync().failed
    assert len(scene.titles_here()) == 14


def test_a_run_that_is_cancelled_at_work_is_not_handed_over(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution], monkeypatch: pytest.MonkeyPatch
) -> None:
    many_there(scene, 14)
    run = ask()
    before = relay.hand_over

    def cancelled_meanwhile(*arguments: Any) -> None:
        stopping.cancel(run, "dana")
        before(*arguments)

    monkeypatch.setattr(relay, "hand_over", cancelled_meanwhile)
    queue.work()
    run.refresh_from_db()
    assert (run.status, run.error_message, len(queue)) == (JobStatus.CANCELLED, "Cancelled by dana.", 0)


def test_a_task_that_is_delivered_twice_does_nothing_twice(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    many_there(scene, 14)
    ask()
    queue.append(queue[0])
    queue.work()
    queue.work()
    queue.append(queue[0])
    queue.work_all()
    assert len(scene.titles_here()) == 14
    assert JobExecution.objects.get().counters["records"] == 14


def test_a_run_that_the_queue_lost_is_taken_up_by_the_schedule(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    many_there(scene, 14)
    run = ask()
    queue.work()
    queue.clear()
    JobExecution.objects.update(scheduled_for=ports().clock.now() - timedelta(seconds=1))
    assert schedule.start_pending() == 1
    queue.work_all()
    run.refresh_from_db()
    assert (run.status, run.counters["records"]) == (JobStatus.COMPLETED, 14)


def test_a_plan_is_filed_from_task_to_task(scene: Scene, queue: Queue, ask: Callable[..., JobExecution]) -> None:
    many_there(scene, 14)
    plan = ask(dry_run=True)
    assert queue.work_all() == 3
    plan.refresh_from_db()
    assert (plan.status, plan.progress["planned"], plan.steps.count()) == (JobStatus.AWAITING_APPROVAL, 14, 14)
    assert scene.titles_here() == []


def test_the_schedule_starts_nothing_beside_a_long_run(
    scene: Scene, queue: Queue, ask: Callable[..., JobExecution]
) -> None:
    many_there(scene, 14)
    ask()
    queue.work()
    scene.here("ours")
    assert (schedule.due(), schedule.integrations_with_pending()) == ([], [])
    queue.work_all()
    assert "ours" in scene.names_there()


def test_a_run_from_the_command_line_is_one_stint(scene: Scene, queue: Queue) -> None:
    many_there(scene, 14)
    result = runs.execute(scene.asana, runs.Options())
    assert (result.run.status, result.handed_over, len(scene.titles_here())) == (JobStatus.COMPLETED, False, 14)
