"""Jobs and boards through the REST API."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from jobs_boards.models import Board
from records.models import Organization
from tests.api.conftest import steward
from tests.jobs_boards.factories import JobFactory
from tests.records.factories import MemberFactory, OrganizationFactory


@pytest.fixture
def client(organization: Organization) -> APIClient:
    return steward(organization)


def test_a_job_is_made_changed_and_found(client: APIClient, organization: Organization) -> None:
    lead = MemberFactory(organization=organization)
    made = client.post("/api/jobs", {"title": "Attic", "number": "J-1", "leadTechnicianId": str(lead.pk)})
    assert (made.status_code, made.json()["status"]) == (201, "Requires Crew Lead")
    one = f"/api/jobs/{made.json()['id']}"
    assert client.patch(one, {"status": "In Production"}).json()["status"] == "In Production"
    for wanted in ({"status": "In Production"}, {"leadTechnicianId": str(lead.pk)}, {"title__contains": "att"}):
        assert [job["id"] for job in client.get("/api/jobs", wanted).json()["records"]] == [made.json()["id"]]
    assert client.get("/api/jobs", {"status": "Closed Job"}).json()["records"] == []
    seen = client.get(f"{one}/state-changes").json()["stateChanges"]
    assert [(each["previousStatus"], each["newStatus"]) for each in seen] == [("Requires Crew Lead", "In Production")]


def test_what_is_ours_to_say_is_not_taken(client: APIClient) -> None:
    made = client.post("/api/jobs", {"title": "Attic", "createdAt": "2020-01-01T00:00:00Z"}).json()
    assert made["createdAt"] > "2020-01-02"


def test_an_item_shows_every_column_value(client: APIClient, board: Board) -> None:
    made = client.post("/api/items", {"boardId": str(board.pk), "name": "Attic", "columnValues": {"address": "1 Elm"}})
    assert made.status_code == 201, made.json()
    one = f"/api/items/{made.json()['id']}"
    changed = client.patch(one, {"columnValues": {"status": "pending review"}, "date": "2026-03-01"}).json()
    values = {key: value for key, value in changed["columnValues"].items() if value is not None}
    assert values == {"address": "1 Elm", "status": "Pending Review", "due": "2026-03-01"}
    assert (changed["status"], changed["date"]) == ("Pending Review", "2026-03-01")
    listed = client.get("/api/items", {"boardId": str(board.pk), "status": "Pending Review"}).json()["records"]
    assert listed == [changed]


def test_refusals_stand_at_their_field(client: APIClient, board: Board) -> None:
    item = client.post("/api/items", {"boardId": str(board.pk), "name": "Attic"}).json()["id"]
    for given, field in (
        ({"columnValues": {"colour": "red"}}, "columnValues"),
        ({"columnValues": {"start": "soon"}}, "columnValues"),
        ({"status": "Lost"}, "status"),
        ({"boardId": "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}, "boardId"),
    ):
        answer = client.patch(f"/api/items/{item}", given)
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field]), given


def test_columns_are_validated(client: APIClient, board: Board) -> None:
    column = {"boardId": str(board.pk), "key": "size", "title": "Size", "kind": "dropdown"}
    assert client.post("/api/board-columns", {**column, "settings": {"options": "S"}}).status_code == 400
    made = client.post("/api/board-columns", {**column, "settings": {"options": ["S", "M"]}})
    assert made.json()["settings"] == {"options": ["S", "M"], "multiple": False}


def test_nothing_of_another_organization_is_seen(client: APIClient, board: Board) -> None:
    stranger = steward(OrganizationFactory(), "sam")
    job = JobFactory(organization=board.organization)
    assert stranger.get(f"/api/boards/{board.pk}").status_code == 404
    assert stranger.get(f"/api/jobs/{job.pk}").status_code == 404
    assert stranger.get(f"/api/jobs/{job.pk}/state-changes").status_code == 404
    assert stranger.post("/api/items", {"boardId": str(board.pk), "name": "x"}).status_code == 400
    assert client.get(f"/api/jobs/{job.pk}/state-changes").json()["stateChanges"] == []
