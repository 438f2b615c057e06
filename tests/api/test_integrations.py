"""R1's endpoints 1, 2, 8 and 9."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.asana.sandbox.twin import PROJECT
from integrations.models import Integration, JobExecution
from records.models import Task
from tests.engine.scene import Scene

URL = "/api/admin/integrations"


def with_project(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "settings": {"project": PROJECT}}


@pytest.mark.usefixtures("workers")
def test_creating_tests_stores_and_starts_the_first_sync(
    client: APIClient, scene: Scene, new_integration: dict[str, Any]
) -> None:
    scene.elsewhere()
    scene.there("made there")
    answer = client.post(URL, with_project(new_integration))
    assert answer.status_code == 201, answer.json()
    made = answer.json()["integration"]
    assert answer.json()["success"] is True
    assert (made["name"], made["status"]) == ("Main Asana Workspace", "ACTIVE")
    assert made["webhookEndpoint"].endswith(f"/api/webhooks/integrations/{made['id']}/receive")
    assert made["webhookSecret"].startswith("whsec_")
    run = JobExecution.objects.get(integration=made["id"])
    assert (run.job_type, run.status) == ("INITIAL_IMPORT", "COMPLETED")
    assert Task.objects.get().title == "made there"


def test_a_provider_that_cannot_reach_us_does_not_spoil_the_integration(
    client: APIClient, scene: Scene, new_integration: dict[str, Any], settings: Any
) -> None:
    scene.elsewhere()
    settings.WEBHOOK_BASE_URL = "http://127.0.0.1:9"
    answer = client.post(URL, with_project(new_integration))
    assert (answer.status_code, answer.json()["webhookRegistered"]) == (201, False)
    assert Integration.objects.get(name=new_integration["name"]).webhook_secret["current"].startswith("whsec_")


def test_neither_credentials_nor_the_secret_are_shown_again(
    client: APIClient, scene: Scene, new_integration: dict[str, Any]
) -> None:
    scene.elsewhere()
    made = client.post(URL, with_project(new_integration)).json()["integration"]
    for answer in (client.get(URL), client.get(f"{URL}/{made['id']}"), client.put(f"{URL}/{made['id']}", {})):
        assert answer.status_code == 200
        assert b"sandbox-token" not in answer.content
        assert made["webhookSecret"].encode() not in answer.content


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credentials": {"token": "wrong"}}, None),
        ({"baseUrl": "http://127.0.0.1:9"}, None),
        ({"name": "Asana"}, "name"),
        ({"type": "NO_SUCH"}, "type"),
        ({"dataTypes": ["BOATS"]}, "dataTypes"),
        ({"dataTypes": ["EVENTS"]}, "dataTypes"),
        ({"authType": "SMILE"}, "authType"),
        ({"credentials": {"token": 2**70}}, "credentials"),
        ({"mappings": {"task": {"resourceType": "TASK"}}}, "mappings"),
    ],
)
def test_what_cannot_work_is_not_stored(
    client: APIClient, new_integration: dict[str, Any], changes: dict[str, Any], field: str | None
) -> None:
    answer = client.post(URL, {**with_project(new_integration), **changes})
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert field is None or field in answer.json()["error"]["fields"]
    assert [one.name for one in Integration.objects.all()] == ["Asana"]


def test_the_list_shows_figures(client: APIClient, scene: Scene) -> None:
    scene.sync()
    (shown,) = client.get(URL, {"status": "ACTIVE", "type": "ASANA"}).json()["integrations"]
    assert shown["stats"] == {"totalSyncs": 1, "successRate": 100.0, "pendingConflicts": 0, "lastErrorCount": 0}
    assert shown["lastSyncAt"] == shown["lastSuccessAt"]
    assert client.get(URL, {"status": "PAUSED"}).json() == {"integrations": []}


def test_a_change_leaves_the_rest(client: APIClient, scene: Scene) -> None:
    body = {"status": "PAUSED", "syncFrequency": "DAILY", "conflictStrategy": "MANUAL_REVIEW"}
    answer = client.put(f"{URL}/{scene.asana.pk}", body)
    changed = answer.json()["integration"]
    assert (answer.status_code, changed["id"], changed["updatedAt"] is not None) == (200, str(scene.asana.pk), True)
    assert {name: changed[name] for name in body} == body
    assert changed["dataTypes"] == ["TASKS"]


def test_changed_credentials_are_tested_first(client: APIClient, scene: Scene) -> None:
    answer = client.put(f"{URL}/{scene.asana.pk}", {"credentials": {"token": "wrong"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_credentials")
    assert Integration.objects.get().credentials == {"token": "sandbox-token"}


def test_an_added_data_type_gets_its_starter_mapping(client: APIClient, scene: Scene) -> None:
    client.put(f"{URL}/{scene.asana.pk}", {"dataTypes": ["TASKS", "MEMBERS"]})
    found = scene.asana.field_mappings.values_list("resource_type", "version").order_by("resource_type")
    assert list(found) == [("member", 1), ("task", 1)]


def test_deleting_counts_what_went_and_keeps_the_records(client: APIClient, scene: Scene) -> None:
    scene.there("stays")
    scene.sync()
    answer = client.delete(f"{URL}/{scene.asana.pk}")
    deleted = {"integration": True, "mappings": 1, "logs": 1, "conflicts": 0}
    assert (answer.status_code, answer.json()) == (200, {"success": True, "deleted": deleted})
    assert (Integration.objects.count(), scene.titles_here()) == (0, ["stays"])
    assert client.get(f"{URL}/{scene.asana.pk}").status_code == 404


def test_an_integration_is_not_deleted_under_a_run(client: APIClient, scene: Scene) -> None:
    run = scene.sync().run
    JobExecution.objects.filter(pk=run.pk).update(status="RUNNING", lease_until="2999-01-01T00:00Z")
    assert client.delete(f"{URL}/{scene.asana.pk}").json()["error"]["code"] == "running"
