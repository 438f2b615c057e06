"""Reading and writing of records."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from jobs_boards.statuses import SEEDS
from records import catalog
from records.models import LocalChange, Task
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import MemberFactory, OrganizationFactory, TaskFactory

TASKS = "/api/records/task"


def test_a_record_is_made_changed_deleted_and_restored(client: APIClient, scene: Scene) -> None:
    made = client.post(TASKS, {"title": "Pump", "dueDate": "2026-12-24", "labels": ["b", "a"], "dueAt": None})
    assert made.status_code == 201, made.json()
    one = f"{TASKS}/{made.json()['id']}"
    assert (made.json()["status"], made.json()["labels"]) == ("TODO", ["a", "b"])
    changed = client.patch(one, {"status": "COMPLETED", "completedAt": "2026-12-24T10:00:00+01:00"})
    assert changed.json()["completedAt"] == "2026-12-24T09:00:00.000000Z"
    assert changed.json()["title"] == "Pump"
    assert client.delete(one).status_code == 204
    assert client.get(TASKS).json()["records"] == []
    assert client.get(one).json()["deletedAt"] is not None
    assert client.patch(one, {"title": "x"}).status_code == 404
    assert client.post(f"{one}/restore").json()["deletedAt"] is None


def test_a_write_names_who_made_it_and_goes_out(client: APIClient, scene: Scene) -> None:
    made = client.post(TASKS, {"title": "to Asana"}).json()
    change = LocalChange.objects.get(record_id=made["id"])
    assert (change.origin_kind, change.actor) == ("api", "dana")
    scene.sync()
    assert scene.names_there() == ["to Asana"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 1025}, "title"),
        ({"title": "x", "status": "NO"}, "status"),
        ({"title": "x", "dueDate": "soon"}, "dueDate"),
        ({"title": "x", "assignedToId": "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}, "assignedToId"),
        ({"title": "x", "due_date": "2026-12-24"}, "due_date"),
        ({"title": "a\0b"}, "title"),
        ({"title": "x", "labels": ["a\0b"]}, "labels"),
        ({"title": "x", "externalMetadata": {"a": "\0"}}, "externalMetadata"),
    ],
)
def test_values_that_cannot_stand_are_named(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(TASKS, body)
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["error"]["fields"]


def test_keys_inside_free_json_stay(client: APIClient) -> None:
    made = client.post(TASKS, {"title": "x", "externalMetadata": {"snake_case": {"camelCase": 1}}}).json()
    assert made["externalMetadata"] == {"snake_case": {"camelCase": 1}}


def test_records_are_filtered_and_ordered(client: APIClient, scene: Scene) -> None:
    mine = {"organization": scene.organization}
    member = MemberFactory(**mine)
    TaskFactory(title="Pump", labels=["wet"], due_date=date(2026, 1, 1), assignee=member, **mine)
    TaskFactory(title="Valve", status="COMPLETED", due_date=date(2026, 6, 1), **mine)
    for wanted, titles in (
        ({"title": "Pump"}, ["Pump"]),
        ({"title__contains": "AL"}, ["Valve"]),
        ({"status": "COMPLETED"}, ["Valve"]),
        ({"labels": "wet"}, ["Pump"]),
        ({"dueDate__gte": "2026-02-01"}, ["Valve"]),
        ({"assignedToId": str(member.pk)}, ["Pump"]),
        ({"updatedAt__lte": "2000-01-01T00:00:00Z"}, []),
        ({"ordering": "-dueDate"}, ["Valve", "Pump"]),
        ({"ordering": "title", "limit": 1, "offset": 1}, ["Valve"]),
        ({"deleted": "true"}, []),
    ):
        answer = client.get(TASKS, wanted)
        assert [one["title"] for one in answer.json()["records"]] == titles, wanted
    assert client.get(TASKS, {"status": "NO"}).status_code == 400
    assert client.get(TASKS, {"title": "a\0b"}).status_code == 400
    assert client.get(TASKS, {"offset": 10**30}).json()["records"] == []


def test_another_organizations_records_are_not_there(scene: Scene) -> None:
    task, member = TaskFactory(organization=scene.organization), MemberFactory(organization=scene.organization)
    stranger = steward(OrganizationFactory())
    one = f"{TASKS}/{task.pk}"
    assert stranger.get(TASKS).json()["records"] == []
    assert stranger.get(one).status_code == 404
    assert stranger.patch(one, {"title": "x"}).status_code == 404
    assert stranger.delete(one).status_code == 404
    assert stranger.post(f"{one}/restore").status_code == 404
    assert stranger.post(TASKS, {"title": "x", "assignedToId": str(member.pk)}).status_code == 400
    assert Task.objects.get().title == task.title


@pytest.mark.parametrize("key", [one.key for one in catalog.all_types()])
def test_every_catalogued_type_has_its_address(client: APIClient, key: str) -> None:
    brought_along = len(SEEDS) if key == "job_status" else 0
    assert client.get(f"/api/records/{key}").json()["pagination"]["total"] == brought_along


def test_values_beyond_what_can_be_stored_are_refused(client: APIClient) -> None:
    assert client.post("/api/records/participation_log", {"minutes": -1}).status_code == 400
    far = client.get("/api/records/event", {"startsAt__lte": "5323-06-19T21:49:36-23:27"})
    assert (far.status_code, far.json()["error"]["code"]) == (400, "out_of_range")


def test_a_body_that_is_nested_too_deeply_is_refused(client: APIClient) -> None:
    answer = client.generic("POST", TASKS, b"[" * 100_000, content_type="application/json")
    assert answer.status_code == 400
