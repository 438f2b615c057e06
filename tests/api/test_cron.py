"""R1's cron routes, for those who run no beat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.base.sandbox.faults import Fault
from integrations.models import Integration, JobExecution, SyncLog
from sync_engine.ports import ports
from tests.engine.scene import Scene

ROUTES = ("sync-integrations", "retry-failed-syncs", "cleanup-old-logs")


@pytest.fixture
def cron(settings: Any) -> APIClient:
    settings.CRON_SECRET = "the-cron-secret"
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer the-cron-secret")
    return client


def call(client: APIClient, route: str) -> dict[str, Any]:
    answer = client.post(f"/api/cron/{route}")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    assert (body["success"], "timestamp" in body) == (True, True)
    return body


def later(scene: Scene, **span: float) -> None:
    Integration.objects.update(last_sync_at=ports().clock.now() - timedelta(**span))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic the-cron-secret", "Bearer the-cron-secretX"])
def test_without_the_secret_it_is_401(cron: APIClient, scene: Scene, route: str, given: str) -> None:
    cron.credentials(**({"HTTP_AUTHORIZATION": given} if given else {}))
    answer = cron.post(f"/api/cron/{route}")
    assert (answer.status_code, answer.json()["success"]) == (401, False)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not JobExecution.objects.exists()


def test_an_empty_secret_opens_nothing(cron: APIClient, scene: Scene, settings: Any) -> None:
    settings.CRON_SECRET = ""
    cron.credentials(HTTP_AUTHORIZATION="Bearer ")
    assert cron.post("/api/cron/sync-integrations").status_code == 401


def test_what_is_due_is_synced_and_told_as_r1_does(cron: APIClient, scene: Scene) -> None:
    scene.there("a")
    body = call(cron, "sync-integrations")
    (result,) = body["results"]
    assert (body["processed"], result["integrationId"], result["success"]) == (1, str(scene.asana.pk), True)
    assert (result["totalRecords"], result["successCount"], result["errorCount"], result["conflictCount"]) == (
        1, 1, 0, 0,
    )  # fmt: skip
    assert JobExecution.objects.get(pk=result["jobId"]).job_type == "SCHEDULED_SYNC"
    assert scene.titles_here() == ["a"]
    assert call(cron, "sync-integrations")["processed"] == 0


@pytest.mark.parametrize(
    ("frequency", "minutes", "due"),
    [
        ("HOURLY", 59, 1), ("HOURLY", 50, 0), ("DAILY", 60, 0), ("DAILY", 24 * 60, 1), ("EVERY_15MIN", 15, 1),
        ("WEEKLY", 24 * 60, 0), ("WEEKLY", 7 * 24 * 60, 1), ("MANUAL", 9999, 0), ("REALTIME", 5, 1),
    ],
)  # fmt: skip
def test_each_frequency_has_its_interval(cron: APIClient, scene: Scene, frequency: str, minutes: int, due: int) -> None:
    Integration.objects.update(sync_frequency=frequency)
    later(scene, minutes=minutes)
    assert call(cron, "sync-integrations")["processed"] == due


def test_a_failed_sync_is_retried_by_the_route(cron: APIClient, scene: Scene) -> None:
    scene.there("a")
    scene.twin.faults.add(Fault("server_error", ("GET", ""), times=3, params={"status": 503}))
    (failed,) = call(cron, "sync-integrations")["results"]
    assert (failed["success"], failed["status"], "503" in failed["error"]) == (False, "FAILED", True)
    assert call(cron, "retry-failed-syncs")["processed"] == 0
    JobExecution.objects.filter(job_type="RETRY").update(scheduled_for=ports().clock.now())
    (retried,) = call(cron, "retry-failed-syncs")["results"]
    assert (retried["success"], retried["retryCount"], scene.titles_here()) == (True, 1, ["a"])


def test_what_takes_too_long_is_left_to_the_next_call(cron: APIClient, scene: Scene, settings: Any) -> None:
    scene.there("a")
    settings.CRON_SECONDS = 0
    (result,) = call(cron, "sync-integrations")["results"]
    assert (result["status"], scene.titles_here()) == ("PENDING", [])
    settings.CRON_SECONDS = 20
    JobExecution.objects.update(lease_until=None)
    assert call(cron, "retry-failed-syncs")["processed"] == 1
    assert scene.titles_here() == ["a"]


def test_old_logs_go_in_batches(cron: APIClient, scene: Scene, settings: Any) -> None:
    for number in range(5):
        scene.there(f"task {number}")
    scene.sync()
    SyncLog.objects.update(created_at=ports().clock.now() - timedelta(days=31))
    assert call(cron, "cleanup-old-logs")["processed"] == 0
    settings.LOG_RETENTION_DAYS, settings.LOG_CLEANUP_BATCH = 30, 2
    assert call(cron, "cleanup-old-logs")["deleted"] == {"log entries": 5}
