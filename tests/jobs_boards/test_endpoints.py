"""R0's four endpoints, and a clear answer for everything that can be missing."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from integrations.models import SyncLog
from jobs_boards import services
from jobs_boards.models import BoardColumn, Item
from records import services as records
from records.models import Organization
from tests.api.conftest import steward
from tests.jobs_boards.conftest import PERSON
from tests.jobs_boards.factories import JobFactory
from tests.jobs_boards.scene import ITEM, JOB, Hub
from tests.records.factories import OrganizationFactory

NOBODY = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"


@pytest.fixture
def client(hub: Hub) -> APIClient:
    return steward(hub.organization)


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.json()
    error = answer.json()["error"]
    assert error["message"]
    return str(error["code"])


def test_a_job_is_put_on_its_board_and_brought_up_to_date(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic")
    made = client.post(f"/api/jobs/{job.pk}/sync-to-board").json()
    assert (made["action"], made["boardName"], made["item"]["name"]) == ("created", "Active Jobs", "Attic")
    assert made["item"]["columnValues"]["job"] == str(job.pk)
    hub.edit_job(job, status="In Production")
    again = client.post(f"/api/jobs/{job.pk}/sync-to-board").json()
    assert (again["action"], again["item"]["columnValues"]["status"]) == ("updated", "In Production")
    assert client.post(f"/api/jobs/{job.pk}/sync-to-board").json()["action"] == "unchanged"
    assert Item.objects.count() == 1
    assert SyncLog.objects.filter(cause="asked by dana").count() == 2


def test_the_item_of_a_job_is_shown_with_its_values(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic", addressLine1="1 Elm")
    assert code(client.get(f"/api/jobs/{job.pk}/board-item"), 404) == "no_item"
    hub.settle()
    answer = client.get(f"/api/jobs/{job.pk}/board-item").json()
    assert answer["item"]["columnValues"]["address"] == "1 Elm"
    (row,) = answer["items"]
    assert (row["boardName"], row["link"]["syncStatus"]) == ("Active Jobs", "SYNCED")
    assert row["link"]["integrationName"] == "Jobs on Active Jobs"


def test_a_job_is_brought_up_to_date_with_its_item(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic")
    hub.settle()
    item = hub.item_of(job)
    hub.edit_item(item, status="Closed Job")
    answer = client.post(f"/api/items/{item.pk}/sync-to-job").json()
    assert (answer["action"], answer["job"]["status"]) == ("updated", "Closed Job")
    assert client.post(f"/api/items/{item.pk}/sync-to-job").json()["action"] == "unchanged"
    found = client.get(f"/api/items/{item.pk}/job").json()
    assert (found["job"]["id"], found["link"]["syncStatus"]) == (str(job.pk), "SYNCED")


def test_a_conflict_is_said(hub: Hub, client: APIClient) -> None:
    hub.integration.conflict_strategy = "MANUAL_REVIEW"
    hub.integration.save()
    job = hub.job("Attic")
    hub.settle()
    hub.edit_job(job, status="In Production")
    hub.edit_item(hub.item_of(job), status="Closed Job")
    answer = client.post(f"/api/jobs/{job.pk}/sync-to-board").json()
    assert (answer["action"], answer["job"]["status"]) == ("conflict", "In Production")
    assert answer["item"]["columnValues"]["status"] == "Closed Job"


def test_asking_joins_again_what_was_parted(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic")
    hub.settle()
    records.delete(ITEM, hub.pk, str(hub.item_of(job).pk), PERSON)
    hub.settle()
    assert client.post(f"/api/jobs/{job.pk}/sync-to-board").json()["action"] == "created"


def test_an_item_that_names_its_job_is_joined_to_it(hub: Hub, client: APIClient) -> None:
    hub.integration.settings |= {"scope": {"job": {"number": ["none"]}}}
    hub.integration.save()
    job = hub.job("Attic", addressLine1="1 Elm")
    item = hub.item("Attic", job=str(job.pk))
    assert client.get(f"/api/items/{item.pk}/job").json()["link"] is None
    answer = client.post(f"/api/items/{item.pk}/sync-to-job").json()
    assert answer["item"]["columnValues"]["address"] == "1 Elm"
    assert client.post(f"/api/jobs/{job.pk}/sync-to-board").json()["action"] == "unchanged"


def test_what_is_not_there_is_named(hub: Hub, client: APIClient) -> None:
    assert code(client.post(f"/api/jobs/{NOBODY}/sync-to-board"), 404) == "job_not_found"
    assert code(client.get(f"/api/jobs/{NOBODY}/board-item"), 404) == "job_not_found"
    assert code(client.post(f"/api/items/{NOBODY}/sync-to-job"), 404) == "item_not_found"
    assert code(client.get(f"/api/items/{NOBODY}/job"), 404) == "item_not_found"
    job = hub.job("Attic")
    assert code(client.post(f"/api/jobs/{job.pk}/sync-to-board", {"boardId": NOBODY}), 404) == "board_not_found"


def test_an_item_without_a_job_says_so(hub: Hub, client: APIClient) -> None:
    item = hub.item("Buy nails")
    assert code(client.get(f"/api/items/{item.pk}/job"), 404) == "no_job"
    assert code(client.post(f"/api/items/{item.pk}/sync-to-job"), 409) == "no_job"
    lost = hub.item("Lost", job=NOBODY)
    assert code(client.get(f"/api/items/{lost.pk}/job"), 404) == "job_missing"
    assert code(client.post(f"/api/items/{lost.pk}/sync-to-job"), 409) == "job_missing"


def test_a_second_item_for_one_job_says_so(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic")
    hub.settle()
    second = hub.item("Attic again", job=str(job.pk))
    answer = client.post(f"/api/items/{second.pk}/sync-to-job")
    assert code(answer, 409) == "rejected"
    assert "has its partner already" in answer.json()["error"]["message"]


def test_a_board_that_is_gone_says_so(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic")
    hub.settle()
    item = hub.item_of(job)
    hub.board.delete()
    assert code(client.post(f"/api/jobs/{job.pk}/sync-to-board"), 409) == "board_missing"
    assert code(client.post(f"/api/items/{item.pk}/sync-to-job"), 409) == "board_missing"


@pytest.mark.parametrize("key", ["address", "job"])
def test_a_column_that_is_gone_says_so(hub: Hub, client: APIClient, key: str) -> None:
    job = hub.job("Attic")
    BoardColumn.objects.get(board=hub.board, key=key).delete()
    assert code(client.post(f"/api/jobs/{job.pk}/sync-to-board"), 409) == "column_missing"


def test_a_board_that_nobody_connected_says_so(hub: Hub, client: APIClient) -> None:
    loose = services.create_board(hub.organization, "Loose", ())
    item = services.create_item(loose, "Nails", {}, PERSON)
    assert code(client.post(f"/api/items/{item.pk}/sync-to-job"), 409) == "board_not_connected"
    hub.integration.delete()
    assert code(client.post(f"/api/jobs/{hub.job('Attic').pk}/sync-to-board"), 409) == "no_board"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "PAUSED"}, "not_active"),
        ({"sync_direction": "EXTERNAL_TO_LOCAL"}, "one_way"),
        ({"settings": {"scope": {"job": {"status": ["Closed Job"]}}}}, "not_for_this_board"),
    ],
)
def test_what_the_integration_forbids_is_said(hub: Hub, client: APIClient, changes: dict[str, Any], said: str) -> None:
    for name, value in changes.items():
        setattr(hub.integration, name, value)
    hub.integration.save()
    assert code(client.post(f"/api/jobs/{hub.job('Attic').pk}/sync-to-board"), 409) == said


def test_a_deleted_job_is_not_there(hub: Hub, client: APIClient) -> None:
    job = hub.job("Attic")
    records.delete(JOB, hub.pk, str(job.pk), PERSON)
    assert code(client.post(f"/api/jobs/{job.pk}/sync-to-board"), 404) == "job_not_found"


def test_nobody_reaches_into_another_organization(hub: Hub, organization: Organization) -> None:
    stranger = steward(OrganizationFactory(), "sam")
    job = JobFactory(organization=organization)
    item = hub.item("Nails")
    assert code(stranger.post(f"/api/jobs/{job.pk}/sync-to-board"), 404) == "job_not_found"
    assert code(stranger.get(f"/api/items/{item.pk}/job"), 404) == "item_not_found"
