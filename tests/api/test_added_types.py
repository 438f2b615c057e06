"""A data type that is added later is looked at before anything of it is written; the others go on meanwhile."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from conflicts.models import ConflictResolution
from integrations.models import IntegrationMapping, JobExecution, PendingChange
from records.models import Member
from sync_engine import tasks
from sync_engine.running import first_sync, schedule
from tests.api.test_first_sync import user
from tests.engine.scene import Scene
from tests.records.factories import MemberFactory

URL = "/api/admin/integrations"
pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def synced(scene: Scene) -> Scene:
    """Tasks have been in step for a while; there are members on both sides that nobody has mapped."""
    scene.there("theirs")
    assert not scene.sync().failed
    user(scene, "kim@example.org")
    return scene


def add_members(client: APIClient, scene: Scene) -> JobExecution:
    answer = client.put(f"{URL}/{scene.asana.pk}", {"dataTypes": ["TASKS", "MEMBERS"]})
    assert answer.status_code == 200, answer.json()
    return look_at(scene)


def look_at(scene: Scene) -> JobExecution:
    return JobExecution.objects.filter(integration=scene.asana, job_type="INITIAL_IMPORT").latest("created_at")


def two_kims(scene: Scene) -> list[Member]:
    return [MemberFactory(organization=scene.organization, email="kim@example.org") for _ in range(2)]


def members_linked(scene: Scene) -> int:
    return IntegrationMapping.objects.filter(integration=scene.asana, resource_type="member").count()


def test_where_all_is_clear_it_runs_by_itself(client: APIClient, synced: Scene) -> None:
    kim = MemberFactory(organization=synced.organization, email="kim@example.org")
    look = add_members(client, synced)
    assert (look.status, look.options["resourceTypes"], look.options["full"]) == ("COMPLETED", ["member"], True)
    assert IntegrationMapping.objects.get(resource_type="member", internal_id=kim.pk)
    assert Member.objects.filter(email="kim@example.org").count() == 1


def test_an_ambiguous_match_stops_the_added_type_and_no_other(client: APIClient, synced: Scene) -> None:
    two_kims(synced)
    look = add_members(client, synced)
    assert (look.status, "match more than one record" in look.error_message) == ("AWAITING_APPROVAL", True)
    assert (members_linked(synced), Member.objects.count()) == (0, 2)
    assert ConflictResolution.objects.get().kind == "AMBIGUOUS"
    synced.there("made meanwhile")
    synced.asana.refresh_from_db()
    assert synced.asana.status == "ACTIVE"
    assert schedule.run_now(str(synced.asana.pk), full=True)
    assert (synced.titles_here(), members_linked(synced)) == (["made meanwhile", "theirs"], 0)
    blocked = client.post(f"{URL}/{synced.asana.pk}/sync", {"dataTypes": ["MEMBERS"]})
    assert (blocked.status_code, str(look.pk) in blocked.json()["error"]["message"]) == (409, True)


def test_too_many_outward_wait_and_no_edit_pushes_one_of_them(
    client: APIClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_sync, "OUTWARD", 2)
    scene.asana.delete()
    scene.asana = scene.connect("People", data_types=["MEMBERS"])
    scene.sync()
    ours = [scene.here(f"ours {number}") for number in range(3)]
    client.put(f"{URL}/{scene.asana.pk}", {"dataTypes": ["TASKS", "MEMBERS"]})
    look = look_at(scene)
    assert (look.status, "3 records would be created" in look.error_message) == ("AWAITING_APPROVAL", True)
    scene.edit_here(ours[0], {"title": "edited"})
    assert (schedule.integrations_with_pending(), scene.names_there()) == ([], [])
    assert schedule.run_now(str(scene.asana.pk), direction="push")
    assert (PendingChange.objects.filter(resource_type="task").count(), scene.names_there()) == (3, [])
    assert client.post(f"/api/admin/runs/{look.pk}/apply").status_code == 200
    assert scene.names_there() == ["ours 1", "ours 2"]
    assert schedule.run_now(str(scene.asana.pk))
    assert scene.names_there() == ["edited", "ours 1", "ours 2"]


def test_approved_it_does_what_was_shown(client: APIClient, synced: Scene) -> None:
    two_kims(synced)
    user(synced, "lee@example.org")
    look = add_members(client, synced)
    assert set(look.steps.values_list("action", flat=True)) >= {"create_local", "ambiguous"}
    assert client.post(f"/api/admin/runs/{look.pk}/apply").status_code == 200
    assert Member.objects.filter(email="lee@example.org").count() == 1
    assert Member.objects.filter(email="kim@example.org").count() == 2
    user(synced, "pat@example.org")
    assert schedule.run_now(str(synced.asana.pk))
    assert Member.objects.filter(email="pat@example.org").count() == 1


def test_discarded_it_stays_out_until_somebody_asks_for_it(client: APIClient, synced: Scene) -> None:
    kims = two_kims(synced)
    look = add_members(client, synced)
    assert client.post(f"/api/admin/runs/{look.pk}/cancel").status_code == 200
    synced.asana.refresh_from_db()
    assert synced.asana.status == "ACTIVE"
    schedule.file_runs(schedule.of_frequency("HOURLY"), "scheduled")
    tasks.run_due()
    assert (look_at(synced).pk, members_linked(synced)) == (look.pk, 0)
    kims[0].delete()
    assert client.post(f"{URL}/{synced.asana.pk}/sync", {"dataTypes": ["MEMBERS"]}).status_code == 200
    assert (look_at(synced).status, members_linked(synced) > 0) == ("COMPLETED", True)


def test_a_look_that_broke_off_is_taken_up_again(client: APIClient, synced: Scene) -> None:
    look = add_members(client, synced)
    JobExecution.objects.filter(pk=look.pk).update(status="FAILED")
    IntegrationMapping.objects.filter(resource_type="member").delete()
    schedule.file_runs(schedule.of_frequency("HOURLY"), "scheduled")
    tasks.run_due()
    assert look_at(synced).pk != look.pk
    assert members_linked(synced) > 0
