"""Signals: who listens hears of every run's end and of every change of status."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from integrations.enums import IntegrationStatus, JobStatus
from integrations.models import Integration
from integrations.signals import integration_status_changed, run_finished
from sync_engine.ports import ports
from sync_engine.running import runs
from sync_engine.undo import rollback
from tests.engine.scene import Scene


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    found: list[Any] = []

    def finished(run: Any, integration: Any, **_: Any) -> None:
        found.append((run.status, integration.name))

    def changed(before: str, after: str, **_: Any) -> None:
        found.append((before, after))

    run_finished.connect(finished)
    integration_status_changed.connect(changed)
    yield found
    run_finished.disconnect(finished)
    integration_status_changed.disconnect(changed)


def test_runs_plans_and_rollbacks_are_told(scene: Scene, heard: list[Any]) -> None:
    scene.there("a")
    scene.sync(dry_run=True)
    run = scene.sync().run
    rollback.roll_back(run)
    assert heard == [("AWAITING_APPROVAL", "Asana"), ("COMPLETED", "Asana"), ("COMPLETED", "Asana")]


def test_a_dead_worker_is_told(scene: Scene, heard: list[Any]) -> None:
    run = scene.sync().run
    past = ports().clock.now() - timedelta(hours=1)
    type(run).objects.update(status=JobStatus.RUNNING, lease_until=past)
    runs.reap()
    assert heard[-1] == ("FAILED", "Asana")


def test_a_status_is_told_when_it_changes_and_not_otherwise(scene: Scene, heard: list[Any]) -> None:
    integration = Integration.objects.get()
    integration.status = IntegrationStatus.PAUSED
    integration.save(update_fields=["status"])
    integration.save()
    integration.name = "Other"
    integration.save(update_fields=["name"])
    light = Integration.objects.only("name").get()
    light.status = IntegrationStatus.ACTIVE
    light.save(update_fields=["status"])
    assert heard == [("ACTIVE", "PAUSED"), ("PAUSED", "ACTIVE")]


def test_a_receiver_that_fails_spoils_no_run(scene: Scene) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError("no")

    run_finished.connect(fails)
    try:
        assert not scene.sync().failed
    finally:
        run_finished.disconnect(fails)
