"""Runs: plans shown and applied, cancelled, rolled back."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from integrations.models import JobExecution, SyncCursor
from sync_engine.running import schedule
from sync_engine.undo import rollback
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

RUNS = "/api/admin/runs"


def sync_url(scene: Scene) -> str:
    return f"/api/admin/integrations/{scene.asana.pk}/sync"


@pytest.mark.usefixtures("workers")
def test_a_plan_is_shown_and_then_applied(client: APIClient, scene: Scene) -> None:
    scene.there("planned")
    plan = client.post(sync_url(scene), {"dryRun": True}).json()["jobId"]
    assert client.get(f"{RUNS}/{plan}").json()["status"] == "AWAITING_APPROVAL"
    (step,) = client.get(f"{RUNS}/{plan}/steps").json()["steps"]
    assert (step["resourceType"], step["label"], step["state"]) == ("TASK", "planned", "PLANNED")
    scene.there("not planned")
    assert scene.titles_here() == []
    applied = client.post(f"{RUNS}/{plan}/apply")
    assert applied.status_code == 200, applied.json()
    assert scene.titles_here() == ["planned"]
    assert client.get(f"{RUNS}/{applied.json()['jobId']}").json()["planId"] == plan
    assert client.get(f"{RUNS}/{plan}/steps", {"state": "APPLIED"}).json()["pagination"]["total"] == 1
    assert client.post(f"{RUNS}/{plan}/apply").status_code == 409


def test_runs_are_listed_and_filtered(client: APIClient, scene: Scene) -> None:
    scene.sync()
    (run,) = client.get(RUNS, {"integrationId": str(scene.asana.pk), "status": "COMPLETED"}).json()["runs"]
    assert (run["jobType"], run["integrationName"]) == ("MANUAL_SYNC", "Asana")
    assert client.get(RUNS, {"status": "FAILED"}).json()["runs"] == []


def test_a_waiting_run_is_cancelled_once(client: APIClient, scene: Scene) -> None:
    job = client.post(sync_url(scene), {}).json()["jobId"]
    assert client.post(f"{RUNS}/{job}/cancel").json() == {"success": True, "jobId": job, "status": "CANCELLED"}
    assert client.post(f"{RUNS}/{job}/cancel").status_code == 409


def test_a_run_under_way_loses_its_leases(client: APIClient, scene: Scene) -> None:
    run = scene.sync().run
    JobExecution.objects.filter(pk=run.pk).update(status="RUNNING")
    SyncCursor.objects.update(lease_owner=f"host:1:{run.pk}", lease_until="2999-01-01T00:00Z")
    assert client.post(f"{RUNS}/{run.pk}/cancel").json()["status"] == "RUNNING"
    assert SyncCursor.objects.get().lease_owner == ""


def test_a_rollback_is_previewed_and_carried_out(client: APIClient, scene: Scene) -> None:
    scene.there("pulled by mistake")
    run = scene.sync().run
    preview = client.get(f"{RUNS}/{run.pk}/rollback").json()["steps"]
    assert [(step["action"], step["resourceType"]) for step in preview] == [("archive_local", "TASK")]
    assert scene.titles_here() == ["pulled by mistake"]
    answer = client.post(f"{RUNS}/{run.pk}/rollback")
    assert (answer.status_code, scene.titles_here()) == (200, [])
    assert client.get(f"{RUNS}/{answer.json()['jobId']}").json()["rollsBackId"] == str(run.pk)


def test_a_large_rollback_is_left_to_a_worker(client: APIClient, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "MOST_AT_ONCE", 1)
    for name in ("pulled by mistake", "this too"):
        scene.there(name)
    run = scene.sync().run
    preview = client.get(f"{RUNS}/{run.pk}/rollback").json()
    assert (preview["writes"], preview["large"], preview["steps"]) == (2, True, [])
    answer = client.post(f"{RUNS}/{run.pk}/rollback")
    assert (answer.status_code, answer.json()["status"], len(scene.titles_here())) == (202, "PENDING", 2)
    assert client.post(f"{RUNS}/{run.pk}/rollback").status_code == 409
    schedule.start_pending()
    assert scene.titles_here() == []
    assert client.get(f"{RUNS}/{answer.json()['jobId']}").json()["status"] == "COMPLETED"


def test_another_organizations_runs_are_not_there(scene: Scene) -> None:
    run = scene.sync().run
    stranger = steward(OrganizationFactory())
    assert stranger.get(RUNS, {"integrationId": str(scene.asana.pk)}).json()["runs"] == []
    for action in ("", "/steps", "/rollback"):
        assert stranger.get(f"{RUNS}/{run.pk}{action}").status_code == 404
    for action in ("apply", "cancel", "rollback"):
        assert stranger.post(f"{RUNS}/{run.pk}/{action}").status_code == 404
