"""`prune_logs`: old rows go in batches, young ones and runs stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError

from conflicts.models import BulkDecision, BulkStep
from integrations.models import JobExecution, PlanStep, SyncLog
from records.models import LocalChange
from sync_engine.ports import ports
from tests.commands.run import run
from tests.engine.scene import Scene
from tests.health.factories import ConflictFactory


def age(days: int) -> None:
    then = ports().clock.now() - timedelta(days=days)
    SyncLog.objects.update(created_at=then)
    JobExecution.objects.filter(completed_at__isnull=False).update(completed_at=then)
    LocalChange.objects.filter(distributed_at__isnull=False).update(distributed_at=then)


def counts() -> tuple[int, int, int]:
    return SyncLog.objects.count(), LocalChange.objects.count(), PlanStep.objects.count()


@pytest.fixture
def history(scene: Scene) -> Scene:
    for number in range(7):
        scene.there(f"there {number}")
    scene.here("here")
    scene.sync(dry_run=True)
    scene.sync()
    return scene


def test_old_rows_go_and_runs_stay(history: Scene) -> None:
    before = JobExecution.objects.count()
    age(91)
    said = run("prune_logs", "--batch", 3)
    assert counts() == (0, 0, 0)
    assert JobExecution.objects.count() == before
    assert "8 log entries, 1 outbox rows, 8 plan steps" in said.out


def test_young_rows_stay(history: Scene) -> None:
    before = counts()
    age(89)
    assert "removed: nothing" in run("prune_logs").out
    assert counts() == before
    run("prune_logs", "--days", 30)
    assert counts() == (0, 0, 0)


def test_a_change_that_waits_is_never_old(history: Scene) -> None:
    history.here("waits")
    LocalChange.objects.update(created_at=ports().clock.now() - timedelta(days=900))
    age(900)
    run("prune_logs")
    assert LocalChange.objects.get().distributed_at is None


def test_zero_days_are_refused(db: None) -> None:
    with pytest.raises(CommandError, match="must be 1 or more"):
        run("prune_logs", "--days", 0)


def test_old_decisions_on_many_go_with_their_steps_unless_a_worker_is_at_them(scene: Scene) -> None:
    case = ConflictFactory(integration=scene.asana)
    then = ports().clock.now() - timedelta(days=91)
    for status in ("DONE", "READY", "APPLYING"):
        bulk = BulkDecision.objects.create(
            integration=scene.asana, status=status, rule="latest", asked_by="dana", heartbeat=then, created_at=then
        )
        bulk.steps.create(conflict=case)
    assert "2 decisions on many conflicts" in run("prune_logs").out
    assert BulkDecision.objects.get().status == "APPLYING"
    assert BulkStep.objects.count() == 1
