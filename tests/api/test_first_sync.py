"""The first sync of an integration made by the API: by itself where it is clear, else a plan that waits."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from conflicts.models import ConflictResolution
from connectors.asana.sandbox.twin import PROJECT
from integrations.models import Integration, IntegrationMapping, JobExecution
from records.models import Member
from sync_engine.running import first_sync, schedule
from tests.engine.scene import Scene
from tests.records.factories import MemberFactory

URL = "/api/admin/integrations"
pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def body(scene: Scene, new_integration: dict[str, Any]) -> dict[str, Any]:
    """The scene's own integration is out of the way."""
    scene.asana.delete()
    return {**new_integration, "settings": {"project": PROJECT}}


def create(client: APIClient, body: dict[str, Any]) -> tuple[Integration, JobExecution]:
    answer = client.post(URL, body)
    assert answer.status_code == 201, answer.json()
    made = Integration.objects.get(pk=answer.json()["integration"]["id"])
    return made, JobExecution.objects.get(integration=made)


def user(scene: Scene, email: str) -> str:
    return scene.twin.hand_create("users", {"name": email.partition("@")[0], "email": email}).id


@pytest.fixture
def plenty(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """More of ours than may be created there unasked."""
    monkeypatch.setattr(first_sync, "OUTWARD", 3)
    return [scene.here(f"ours {number}") for number in range(4)]


@pytest.fixture
def twins(scene: Scene) -> list[Member]:
    """Two members here with one address, which somebody at Asana has too."""
    user(scene, "kim@example.org")
    return [MemberFactory(organization=scene.organization, email="kim@example.org") for _ in range(2)]


def test_few_records_and_clear_matches_need_nobody(client: APIClient, scene: Scene, body: dict[str, Any]) -> None:
    kim = MemberFactory(organization=scene.organization, email="kim@example.org")
    gid = user(scene, "Kim@example.org")
    scene.here("ours")
    scene.there("theirs")
    made, run = create(client, body)
    assert (run.status, run.steps.count()) == ("COMPLETED", 0)
    assert IntegrationMapping.objects.get(integration=made, external_id=gid).internal_id == kim.pk
    assert scene.names_there() == scene.titles_here() == ["ours", "theirs"]


def test_many_records_outward_wait_for_a_person(
    client: APIClient, scene: Scene, body: dict[str, Any], plenty: list[str]
) -> None:
    scene.there("theirs")
    _, run = create(client, body)
    shown = client.get(f"/api/admin/runs/{run.pk}").json()
    assert (shown["status"], shown["jobType"]) == ("AWAITING_APPROVAL", "INITIAL_IMPORT")
    assert "4 records would be created" in shown["errorMessage"]
    assert (scene.names_there(), len(scene.titles_here())) == (["theirs"], 4)
    steps = client.get(f"/api/admin/runs/{run.pk}/steps", {"action": "create_external"}).json()
    assert steps["pagination"]["total"] == 4
    assert client.post(f"/api/admin/runs/{run.pk}/apply").status_code == 200
    assert scene.names_there() == scene.titles_here() == [*(f"ours {number}" for number in range(4)), "theirs"]


def test_nothing_else_runs_while_it_waits(
    client: APIClient, scene: Scene, body: dict[str, Any], plenty: list[str]
) -> None:
    made, run = create(client, body)
    assert (schedule.due(), schedule.integrations_with_pending(), schedule.run_now(str(made.pk))) == ([], [], None)
    answer = client.post(f"{URL}/{made.pk}/sync", {})
    assert answer.status_code == 409
    assert str(run.pk) in answer.json()["error"]["message"]
    assert scene.names_there() == []


def test_after_a_refusal_the_next_run_asks_again(
    client: APIClient, scene: Scene, body: dict[str, Any], plenty: list[str]
) -> None:
    made, run = create(client, body)
    client.post(f"/api/admin/runs/{run.pk}/cancel")
    assert client.get(f"{URL}/{made.pk}").json()["integration"]["status"] == "PAUSED"
    client.put(f"{URL}/{made.pk}", {"status": "ACTIVE"}, format="json")
    assert schedule.run_now(str(made.pk), direction="push") is None
    again = JobExecution.objects.get(pk=schedule.run_now(str(made.pk)))
    assert (again.job_type, again.status, scene.names_there()) == ("INITIAL_IMPORT", "AWAITING_APPROVAL", [])


def test_an_ambiguous_match_waits_and_is_decided(
    client: APIClient, scene: Scene, body: dict[str, Any], twins: list[Member]
) -> None:
    made, run = create(client, body)
    assert run.status == "AWAITING_APPROVAL"
    (step,) = client.get(f"/api/admin/runs/{run.pk}/steps", {"action": "ambiguous"}).json()["steps"]
    assert "2 records here" in step["detail"]
    (case,) = client.get(f"{URL}/conflicts").json()["conflicts"]
    assert (case["kind"], sorted(case["localData"]["candidates"])) == (
        "AMBIGUOUS",
        sorted(str(one.pk) for one in twins),
    )
    resolve = f"{URL}/conflicts/{case['id']}/resolve"
    look = client.get(f"{URL}/conflicts/{case['id']}/review").json()
    assert set(look["candidates"]) == {str(one.pk) for one in twins}
    assert [offer["strategy"] for offer in look["offers"]] == ["LOCAL_WINS", "EXTERNAL_WINS"]
    unnamed = client.post(resolve, {"strategy": "LOCAL_WINS"})
    assert unnamed.status_code == 400
    assert "recordId" in unnamed.json()["error"]["fields"]["resolvedData"][0]
    chosen = {"strategy": "LOCAL_WINS", "resolvedData": {"recordId": str(twins[1].pk)}}
    decided = client.post(resolve, chosen)
    assert decided.status_code == 200, decided.json()
    assert client.post(f"/api/admin/runs/{run.pk}/apply").status_code == 200
    link = IntegrationMapping.objects.get(integration=made, resource_type="member", external_id=step["externalId"])
    assert link.internal_id == twins[1].pk
    assert not ConflictResolution.objects.filter(status="PENDING").exists()
    assert Member.objects.filter(email="kim@example.org").count() == 2


def test_an_ambiguous_match_may_be_somebody_new(
    client: APIClient, scene: Scene, body: dict[str, Any], twins: list[Member]
) -> None:
    made, run = create(client, body)
    client.post(f"/api/admin/runs/{run.pk}/apply")
    (case,) = client.get(f"{URL}/conflicts").json()["conflicts"]
    answer = client.post(f"{URL}/conflicts/{case['id']}/resolve", {"strategy": "EXTERNAL_WINS"})
    assert answer.status_code == 200, answer.json()
    assert Member.objects.filter(email="kim@example.org").count() == 3
    made.refresh_from_db()
    assert scene.sync(made, full=True).counters["created"] == 0
    assert not made.parked.exists()


@pytest.mark.parametrize("record", ["another", "linked", "not-an-id"])
def test_a_record_that_cannot_be_the_one_is_refused(
    client: APIClient, scene: Scene, body: dict[str, Any], twins: list[Member], record: str
) -> None:
    user(scene, "lee@example.org")
    lee = MemberFactory(organization=scene.organization, email="lee@example.org")
    _, run = create(client, body)
    client.post(f"/api/admin/runs/{run.pk}/apply")
    (case,) = client.get(f"{URL}/conflicts").json()["conflicts"]
    other = MemberFactory(email="kim@example.org")
    named = {"another": str(other.pk), "linked": str(lee.pk), "not-an-id": "x"}[record]
    answer = client.post(
        f"{URL}/conflicts/{case['id']}/resolve", {"strategy": "LOCAL_WINS", "resolvedData": {"recordId": named}}
    )
    assert answer.status_code == 400, answer.json()
    assert ConflictResolution.objects.get(pk=case["id"]).status == "PENDING"


def test_a_case_closes_when_one_of_the_two_gets_another_address(
    client: APIClient, scene: Scene, body: dict[str, Any], twins: list[Member]
) -> None:
    made, run = create(client, body)
    client.post(f"/api/admin/runs/{run.pk}/apply")
    Member.objects.filter(pk=twins[0].pk).update(email="another@example.org")
    made.refresh_from_db()
    scene.sync(made, full=True)
    assert not ConflictResolution.objects.filter(status="PENDING").exists()
    assert IntegrationMapping.objects.filter(integration=made, internal_id=twins[1].pk).exists()
