"""R1's endpoints 4, 5 and 10."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from integrations.models import Integration, JobExecution
from sync_engine import tasks
from tests.engine.scene import Scene

R1_SYNC = {"direction": "BIDIRECTIONAL", "dataTypes": ["TASKS", "MEMBERS"], "fullSync": False}


def url(scene: Scene, action: str) -> str:
    return f"/api/admin/integrations/{scene.asana.pk}/{action}"


@pytest.mark.usefixtures("workers")
def test_a_sync_is_answered_with_the_run_that_does_it(client: APIClient, scene: Scene) -> None:
    scene.there("from Asana")
    answer = client.post(url(scene, "sync"), R1_SYNC)
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["success"], body["status"]) == (True, "RUNNING")
    assert isinstance(body["estimatedDuration"], int)
    run = JobExecution.objects.get(pk=body["jobId"])
    assert (run.status, run.cause) == ("COMPLETED", "asked by dana")
    assert scene.titles_here() == ["from Asana"]


@pytest.mark.usefixtures("workers")
def test_the_direction_may_be_given_by_the_name_of_r1(client: APIClient, scene: Scene) -> None:
    scene.here("ours")
    scene.there("theirs")
    assert client.post(url(scene, "sync"), {"direction": "EXTERNAL_TO_BRITEPOOL"}).status_code == 200
    assert (scene.titles_here(), scene.names_there()) == (["ours", "theirs"], ["theirs"])


def test_a_filed_run_that_was_cancelled_does_not_start(client: APIClient, scene: Scene) -> None:
    filed = JobExecution.objects.get(pk=client.post(url(scene, "sync"), {}).json()["jobId"])
    assert filed.status == "PENDING"
    JobExecution.objects.filter(pk=filed.pk).update(status="CANCELLED")
    assert tasks.sync(str(scene.asana.pk), {"run_id": str(filed.pk)}) is None


def test_a_paused_integration_is_not_synced(client: APIClient, scene: Scene) -> None:
    Integration.objects.update(status="PAUSED")
    answer = client.post(url(scene, "sync"), R1_SYNC)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_active")


def test_types_that_are_not_mapped_are_named(client: APIClient, scene: Scene) -> None:
    answer = client.post(url(scene, "sync"), {"dataTypes": ["EVENTS"]})
    assert answer.status_code == 400
    assert "TASK" in answer.json()["error"]["fields"]["dataTypes"][0]


def test_logs_come_in_pages(client: APIClient, scene: Scene) -> None:
    for number in range(3):
        scene.there(f"task {number}")
    scene.sync()
    body = client.get(url(scene, "logs"), {"limit": 2, "status": "SUCCESS", "operation": "CREATE"}).json()
    assert body["pagination"] == {"total": 3, "limit": 2, "offset": 0, "hasMore": True}
    assert [(log["operation"], log["resourceType"], log["status"]) for log in body["logs"]] == [
        ("CREATE", "TASK", "SUCCESS")
    ] * 2
    last = client.get(url(scene, "logs"), {"limit": 2, "offset": 2}).json()
    assert (len(last["logs"]), last["pagination"]["hasMore"]) == (1, False)
    assert client.get(url(scene, "logs"), {"operation": "DELETE"}).json()["logs"] == []
    assert client.get(url(scene, "logs"), {"status": "no such"}).status_code == 400


def test_the_connection_is_tested(client: APIClient, scene: Scene) -> None:
    answer = client.get(url(scene, "test"))
    body = answer.json()
    assert (answer.status_code, body["success"], body["connectionStatus"], body["credentialsValid"]) == (
        200,
        True,
        "OK",
        True,
    )
    assert body["responseTime"] >= 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"credentials": {"token": "wrong"}}, 401),
        ({"base_url": "http://127.0.0.1:9"}, 502),
        ({"type": "NO_SUCH"}, 400),
    ],
)
def test_a_connection_that_does_not_work_says_why(
    client: APIClient, scene: Scene, changes: dict[str, object], status: int
) -> None:
    for name, value in changes.items():
        setattr(scene.asana, name, value)
    scene.asana.save()
    answer = client.get(url(scene, "test"))
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert answer.json()["error"]["message"]


def test_a_row_of_the_log_is_shown_with_what_went_over_the_wire(client: APIClient, scene: Scene) -> None:
    scene.here("Paint")
    scene.sync()
    (row,) = client.get(url(scene, "logs"), {"operation": "CREATE"}).json()["logs"]
    assert "requestPayload" not in row
    shown = client.get(url(scene, f"logs/{row['id']}")).json()
    assert shown["requestPayload"]["body"]["data"]["name"] == "Paint"
    assert shown["responsePayload"]["status"] == 201
    assert client.get(url(scene, "logs/999999999")).status_code == 404
