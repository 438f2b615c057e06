"""R1's logs: filters, pages that never count to the end, and the same rows as CSV."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from integrations import log_csv
from integrations.models import Integration, SyncLog
from records.api.pages import BigPages
from tests.api.conftest import _no_calls_so_far, steward
from tests.health.factories import NOW, IntegrationFactory
from tests.records.factories import OrganizationFactory

__all__ = ["_no_calls_so_far"]
pytestmark = pytest.mark.django_db
URL = "/api/admin/integrations"


@pytest.fixture
def integration() -> Integration:
    made: Integration = IntegrationFactory(name="=Main Asana Workspace")
    return made


@pytest.fixture
def client(integration: Integration) -> APIClient:
    return steward(integration.organization)


def log(integration: Integration, number: int, **fields: Any) -> SyncLog:
    given: dict[str, Any] = {
        "operation": "UPDATE",
        "direction": "EXTERNAL_TO_LOCAL",
        "resource_type": "task",
        "resource_id": f"task-{number}",
        "external_id": f"ext-{number}",
        "status": "SUCCESS",
        "created_at": NOW + timedelta(minutes=number),
    }
    return SyncLog(integration=integration, **{**given, **fields})


def written(integration: Integration, *logs: SyncLog) -> None:
    SyncLog.objects.bulk_create(logs)


def ids(answer: Any) -> list[str]:
    return [one["resourceId"] for one in answer.json()["logs"]]


def test_a_log_has_the_shape_of_r1(client: APIClient, integration: Integration) -> None:
    written(integration, log(integration, 1, duration_ms=245, records_processed=1))
    body = client.get(f"{URL}/{integration.pk}/logs").json()
    assert body["pagination"] == {"total": 1, "limit": 50, "offset": 0, "hasMore": False}
    (shown,) = body["logs"]
    assert {
        name: shown[name] for name in ("operation", "resourceType", "status", "recordsProcessed", "durationMs")
    } == {
        "operation": "UPDATE",
        "resourceType": "TASK",
        "status": "SUCCESS",
        "recordsProcessed": 1,
        "durationMs": 245,
    }
    assert shown["createdAt"] == "2026-03-02T12:01:00Z"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "FAILED"}, ["task-3"]),
        ({"operation": "DELETE"}, ["task-2"]),
        ({"direction": "LOCAL_TO_EXTERNAL"}, ["task-1"]),
        ({"resourceType": "MEMBER"}, ["task-4"]),
        ({"search": "ext-2"}, ["task-2"]),
        ({"search": "task-3"}, ["task-3"]),
        ({"createdAt__gte": "2026-03-02T12:03:00Z"}, ["task-4", "task-3"]),
        ({"createdAt__lte": "2026-03-02T12:02:00Z"}, ["task-2", "task-1"]),
        ({"createdAt__gte": "2026-03-02T12:02:00Z", "createdAt__lte": "2026-03-02T12:03:00Z"}, ["task-3", "task-2"]),
    ],
)
def test_filters(client: APIClient, integration: Integration, query: dict[str, str], found: list[str]) -> None:
    written(
        integration,
        log(integration, 1, direction="LOCAL_TO_EXTERNAL"),
        log(integration, 2, operation="DELETE"),
        log(integration, 3, status="FAILED"),
        log(integration, 4, resource_type="member"),
    )
    assert ids(client.get(f"{URL}/{integration.pk}/logs", query)) == found
    exported = client.get(f"{URL}/{integration.pk}/logs/export", query)
    rows = list(csv.DictReader(StringIO(exported.getvalue().decode())))
    assert [row["resource_id"] for row in rows] == found


@pytest.mark.parametrize("query", [{"createdAt__gte": "soon"}, {"status": "x"}, {"before": "x"}, {"before": "9" * 40}])
def test_what_means_nothing_is_refused(client: APIClient, integration: Integration, query: dict[str, str]) -> None:
    assert client.get(f"{URL}/{integration.pk}/logs", query).status_code == 400


def test_pages_go_on_by_id_and_count_only_so_far(
    client: APIClient, integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BigPages, "counted", 5)
    written(integration, *[log(integration, number) for number in range(8)])
    place = f"{URL}/{integration.pk}/logs"
    with CaptureQueriesContext(connection) as queries:
        first = client.get(place, {"limit": 3})
    assert [one["sql"] for one in queries if "COUNT(" in one["sql"] and "LIMIT 6" not in one["sql"]] == []
    assert first.json()["pagination"] == {
        "total": 5,
        "limit": 3,
        "offset": 0,
        "hasMore": True,
        "totalIsExact": False,
    }
    seen = ids(first)
    while first.json()["pagination"]["hasMore"]:
        first = client.get(place, {"limit": 3, "before": first.json()["logs"][-1]["id"]})
        seen += ids(first)
    assert seen == [f"task-{number}" for number in range(7, -1, -1)]
    assert ids(client.get(place, {"limit": 3, "offset": 6})) == ["task-1", "task-0"]


def test_the_export_is_streamed_in_chunks_without_a_row_twice(
    client: APIClient, integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_csv, "CHUNK", 100)
    written(integration, *[log(integration, number, after={"title": "ä"}) for number in range(350)])
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{URL}/{integration.pk}/logs/export", headers={"Accept": "text/csv"})
        assert answer.streaming
        before = len(queries)
        parts = iter(answer.streaming_content)  # type: ignore[attr-defined]
        next(parts)
        next(parts)
        assert len(queries) == before + 1
        written(integration, log(integration, 999))
        rest = list(parts)
    assert all("LIMIT 100" in one["sql"] for one in queries.captured_queries[before:] if "SELECT" in one["sql"])
    assert len(rest) == 3
    assert b"task-999" not in b"".join(rest)


def test_the_export_is_a_file_that_runs_nothing(client: APIClient, integration: Integration) -> None:
    written(integration, log(integration, 1, status="FAILED", error_message="=cmd|' /C calc'!A0\nsecond, line"))
    answer = client.get(f"{URL}/{integration.pk}/logs/export")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="lockstep-logs-')
    (row,) = csv.DictReader(StringIO(answer.getvalue().decode()))
    assert row["error_message"] == "'=cmd|' /C calc'!A0\nsecond, line"
    assert row["integration"] == "'=Main Asana Workspace"
    assert row["created_at"] == "2026-03-02T12:01:00+00:00"


def test_another_organization_exports_nothing(client: APIClient, integration: Integration) -> None:
    stranger = steward(OrganizationFactory(), "stranger")
    assert stranger.get(f"{URL}/{integration.pk}/logs").status_code == 404
    assert stranger.get(f"{URL}/{integration.pk}/logs/export").status_code == 404
    guest = steward(integration.organization, "guest", role="")
    answer = guest.get(f"{URL}/{integration.pk}/logs/export", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
