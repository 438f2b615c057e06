"""R1's schedule table as rows of django-celery-beat."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from celery.schedules import crontab
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from config.celery import app
from integrations.models import Integration, JobExecution
from sync_engine import tasks
from sync_engine.ports import ports
from sync_engine.running import filed, schedule, upcoming
from sync_engine.running.options import Options
from sync_engine.running.timetable import TIMETABLE, install
from tests.commands.run import run
from tests.engine.scene import Scene

R1 = {
    "Hourly Sync": "0 * * * *",
    "Daily Sync": "0 2 * * *",
    "Cleanup Logs": "0 3 * * 0",
    "Health Check": "*/5 * * * *",
    "Retry Failed": "* * * * *",
    "15-minute Sync": "*/15 * * * *",
    "Weekly Sync": "0 2 * * 0",
}


def cron_of(line: PeriodicTask) -> str:
    when: Any = line.crontab
    return f"{when.minute} {when.hour} {when.day_of_month} {when.month_of_year} {when.day_of_week}"


@pytest.mark.django_db
def test_the_table_of_r1_is_installed() -> None:
    said = run("install_schedule").out
    assert {name: cron_of(PeriodicTask.objects.get(name=name)) for name in R1} == R1
    assert PeriodicTask.objects.filter(name__in=[line.name for line in TIMETABLE]).count() == len(TIMETABLE)
    assert all(name in said for name in R1)


@pytest.mark.django_db
def test_what_a_person_changed_is_kept() -> None:
    install()
    six = CrontabSchedule.objects.create(minute="0", hour="6", timezone="Europe/Madrid")
    PeriodicTask.objects.filter(name="Daily Sync").update(crontab=six, enabled=False)
    assert install() == []
    kept = PeriodicTask.objects.get(name="Daily Sync")
    assert (kept.crontab, kept.enabled) == (six, False)


def test_every_line_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert [line.task for line in TIMETABLE if line.task not in app.tasks] == []
    assert all(crontab.from_string(str(line.when)) for line in TIMETABLE if isinstance(line.when, str))


@pytest.mark.django_db
def test_the_lines_are_edited_in_the_admin(admin_client: Any) -> None:
    install()
    line = PeriodicTask.objects.get(name="Hourly Sync")
    page = admin_client.get(f"/dashboard/admin/django_celery_beat/periodictask/{line.pk}/change/")
    assert (page.status_code, b"Hourly Sync" in page.content) == (200, True)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    sent: list[Any] = []
    monkeypatch.setattr(tasks.sync, "apply_async", lambda args, **_: sent.append(args))
    return sent


def test_a_line_syncs_the_integrations_of_its_frequency(scene: Scene, queued: list[Any]) -> None:
    daily = scene.connect("Daily", sync_frequency="DAILY")
    assert (tasks.sync_frequency("DAILY"), len(queued)) == (1, 1)
    (integration_id, options) = queued[0]
    assert (integration_id, JobExecution.objects.get(pk=options["run_id"]).job_type) == (
        str(daily.pk),
        "SCHEDULED_SYNC",
    )
    assert tasks.sync(*queued[0]) is not None
    daily.refresh_from_db()
    assert daily.last_success_at is not None


def test_a_line_that_fires_again_before_a_worker_came_files_nothing_twice(scene: Scene, queued: list[Any]) -> None:
    tasks.sync_frequency("HOURLY")
    tasks.reconcile()
    row = JobExecution.objects.get()
    assert (row.options["full"], row.status, len(queued)) == (True, "PENDING", 1)


def test_at_night_everything_is_compared_but_what_is_synced_by_hand(scene: Scene, queued: list[Any]) -> None:
    scene.connect("By hand", sync_frequency="MANUAL")
    scene.connect("Paused", status="PAUSED")
    tasks.reconcile()
    row = JobExecution.objects.get()
    assert (row.integration, row.options["full"]) == (scene.asana, True)


def test_at_night_they_begin_one_after_the_other(scene: Scene, queued: list[Any], monkeypatch: Any) -> None:
    for number in range(3):
        scene.connect(f"Number {number}")
    tasks.reconcile()
    starts = sorted(JobExecution.objects.values_list("scheduled_for", flat=True))
    assert [later - earlier for earlier, later in pairwise(starts)] == [timedelta(minutes=1)] * 3
    assert len(queued) == 1
    JobExecution.objects.all().delete()
    monkeypatch.setattr(schedule, "NIGHT", timedelta(minutes=1))
    tasks.reconcile()
    assert max(JobExecution.objects.values_list("scheduled_for", flat=True)) - starts[0] < timedelta(minutes=2)


def test_an_edit_that_bypassed_the_one_door_is_found_at_night(scene: Scene, queued: list[Any]) -> None:
    scene.there("before")
    scene.sync()
    from records.models import Task

    Task.objects.update(title="after")
    scene.sync()
    assert scene.names_there() == ["before"]
    tasks.reconcile()
    tasks.sync(*queued[0])
    assert scene.names_there() == ["after"]


def test_a_lost_queue_loses_no_scheduled_run(scene: Scene, queued: list[Any]) -> None:
    scene.there("a")
    tasks.sync_frequency("HOURLY")
    queued.clear()
    JobExecution.objects.update(lease_until=None)  # ten minutes later
    assert (tasks.run_due(), len(queued)) == (1, 1)
    tasks.sync(*queued[0])
    assert scene.titles_here() == ["a"]
    assert Integration.objects.get(pk=scene.asana.pk).last_success_at is not None


def test_when_it_runs_next_is_said_by_the_retry_the_timetable_or_the_interval(scene: Scene) -> None:
    now = ports().clock.now()
    by_hand = scene.connect("By hand", sync_frequency="MANUAL")
    stopped = scene.connect("Stopped", status="ERROR")

    def next_of(one: Integration) -> Any:
        return upcoming.next_starts([scene.asana, by_hand, stopped], now)[one.pk]

    assert (next_of(scene.asana), next_of(by_hand), next_of(stopped)) == (now, None, None)
    install()
    hour = next_of(scene.asana)
    assert (hour > now, (hour.minute in (59, 0)), hour - now <= timedelta(minutes=61)) == (True, True, True)
    at = now + timedelta(minutes=7)
    filed.file(scene.asana, Options(job_type="RETRY"), at, retry_count=3)
    assert next_of(scene.asana) == at
