"""Health and R1's dashboard metrics, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from integrations.models import Integration
from sync_engine.ports import SystemClock, bound
from tests.api.conftest import _no_calls_so_far, steward
from tests.health.factories import NOW, BrokenRunFactory, ConflictFactory, IntegrationFactory, RunFactory, ago
from tests.records.factories import OrganizationFactory

__all__ = ["_no_calls_so_far"]
pytestmark = pytest.mark.django_db
URL = "/api/admin/integrations"


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    clock: Any = SimpleNamespace(now=lambda: NOW, monotonic=SystemClock().monotonic)
    with bound(clock=clock):
        yield


@pytest.fixture
def integration() -> Integration:
    made: Integration = IntegrationFactory(name="Main Asana Workspace")
    return made


@pytest.fixture
def client(integration: Integration) -> APIClient:
    return steward(integration.organization)


def test_health_has_the_shape_of_r1(client: APIClient, integration: Integration) -> None:
    RunFactory(integration=integration)
    body = client.get(f"{URL}/{integration.pk}/health").json()
    assert (body["success"], body["integrationId"]) == (True, str(integration.pk))
    health = body["health"]
    assert (health["status"], health["score"]) == ("HEALTHY", 100.0)
    assert list(health["indicators"]) == ["successRate", "responseTime", "errorRate", "lastSync"]
    for name, value, threshold in (
        ("successRate", 100.0, 95),
        ("responseTime", 200.0, 1000),
        ("errorRate", 0.0, 5),
        ("lastSync", ago(minutes=5).isoformat(), 120),
    ):
        shown = health["indicators"][name]
        assert (shown["value"], shown["status"], shown["threshold"]) == (value, "PASS", threshold)
        assert shown["sentence"]


def test_asking_measures_anew_and_is_kept(client: APIClient, integration: Integration) -> None:
    BrokenRunFactory.create_batch(3, integration=integration)
    Integration.objects.update(last_success_at=ago(days=1))
    body = client.post(f"{URL}/{integration.pk}/health").json()["health"]
    assert (body["status"], body["score"], body["consecutiveFailures"]) == ("UNHEALTHY", 0, 3)
    assert "3 of 3 syncs failed" in body["sentence"]
    history = client.get(f"{URL}/{integration.pk}/health/history", {"hours": 2, "points": 2}).json()
    assert history["history"] == []
    with bound(clock=SimpleNamespace(now=lambda: NOW + timedelta(minutes=1), monotonic=SystemClock().monotonic)):
        history = client.get(f"{URL}/{integration.pk}/health/history", {"hours": 2, "points": 2}).json()
    (point,) = history["history"]
    assert (point["score"], point["successRate"], point["errorRate"]) == (0, 0, 100)
    assert history["trends"] == {"score": None, "successRate": None, "responseTime": None, "errorRate": None}


@pytest.mark.parametrize("query", [{"hours": 0}, {"points": 1}, {"points": 501}, {"hours": "x"}])
def test_a_history_that_cannot_be_is_refused(client: APIClient, integration: Integration, query: Any) -> None:
    assert client.get(f"{URL}/{integration.pk}/health/history", query).status_code == 400


def test_the_dashboard_has_the_metrics_of_r1(client: APIClient, integration: Integration) -> None:
    paused = IntegrationFactory(organization=integration.organization, status="PAUSED")
    RunFactory(integration=integration, duration_ms=1000, success_count=7)
    RunFactory(integration=integration, duration_ms=3000, started_at=ago(hours=3))
    BrokenRunFactory(integration=paused, duration_ms=9000, started_at=ago(hours=2))
    BrokenRunFactory(integration=paused, duration_ms=9000, started_at=ago(hours=30))
    RunFactory(integration=integration, status="RUNNING", lease_until=NOW + timedelta(seconds=60), duration_ms=None)
    RunFactory(integration=paused, status="PENDING", scheduled_for=NOW + timedelta(hours=1), duration_ms=None)
    ConflictFactory.create_batch(2, integration=integration)
    ConflictFactory(integration=integration, status="AUTO_RESOLVED")
    BrokenRunFactory()  # somebody else's
    ConflictFactory()
    body = client.get(f"{URL}/metrics").json()
    assert body["metrics"] == {
        "activeIntegrations": 1,
        "syncsInProgress": 1,
        "recentSyncSuccessRate": {"lastHour": 100.0, "last24Hours": 66.7},
        "averageSyncDuration": 2000.0,
        "pendingConflicts": 2,
        "failedSyncs": 1,
    }
    jobs = body["jobs"]
    assert [len(jobs[name]) for name in ("running", "scheduled", "recent")] == [1, 1, 3]
    assert (jobs["successRate"], jobs["failureRate"]) == (66.7, 33.3)
    assert jobs["averageExecutionTime"] == pytest.approx(4333.3)
    assert [one["durationMs"] for one in jobs["longestRunning"]] == [9000, 3000, 1000]
    assert jobs["recent"][0]["integrationName"] == "Main Asana Workspace"
    first = next(one for one in body["integrations"] if one["integrationId"] == str(integration.pk))
    assert first == {
        "integrationId": str(integration.pk),
        "integrationName": "Main Asana Workspace",
        "currentStatus": "ACTIVE",
        "totalSyncs": 2,
        "successRate": 100.0,
        "averageResponseTime": 200.0,
        "lastSuccessAt": "2026-03-02T11:55:00Z",
        "lastErrorAt": None,
        "totalRecordsSynced": 107,
        "conflictsResolved": 1,
        "pendingConflicts": 2,
    }
    assert client.get(f"{URL}/{integration.pk}/metrics").json() == {"success": True, "metrics": first}


def test_an_organization_without_integrations_has_a_dashboard() -> None:
    body = steward(OrganizationFactory()).get(f"{URL}/metrics").json()
    assert body["integrations"] == []
    assert body["metrics"]["recentSyncSuccessRate"] == {"lastHour": None, "last24Hours": None}
    assert body["jobs"]["averageExecutionTime"] is None


def test_another_organization_sees_none_of_it(integration: Integration) -> None:
    stranger = steward(OrganizationFactory())
    for place in ("health", "health/history", "metrics"):
        assert stranger.get(f"{URL}/{integration.pk}/{place}").status_code == 404
    assert stranger.post(f"{URL}/{integration.pk}/health").status_code == 404


def test_a_role_is_needed(integration: Integration) -> None:
    guest = steward(integration.organization, role="")
    assert guest.get(f"{URL}/metrics").status_code == 403
    assert guest.get(f"{URL}/{integration.pk}/health").status_code == 403
