"""R1's endpoints 6 and 7."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from integrations.models import Integration
from tests.engine.scene import Scene

URL = "/api/admin/integrations/conflicts"


@pytest.fixture
def case(client: APIClient, scene: Scene) -> dict[str, Any]:
    """Both sides renamed one task."""
    Integration.objects.update(conflict_strategy="MANUAL_REVIEW")
    task = scene.here("agreed")
    scene.sync()
    (gid,) = [entry.id for entry in scene.twin.store.live("tasks")]
    scene.edit_here(task, {"title": "ours"})
    scene.edit_there(gid, name="theirs")
    scene.sync()
    (found,) = client.get(URL).json()["conflicts"]
    return {**found, "gid": gid}


def resolve(client: APIClient, case: dict[str, Any], **body: Any) -> Any:
    return client.post(f"{URL}/{case['id']}/resolve", body)


def test_a_case_shows_both_sides_and_the_base(case: dict[str, Any]) -> None:
    assert (case["integrationName"], case["resourceType"]) == ("Asana", "TASK")
    assert case["conflictedFields"] == ["title"]
    assert (case["localData"], case["externalData"]) == ({"title": "ours"}, {"title": "theirs"})
    assert case["baseData"] == {"title": "agreed"}


def test_merged_values_stand_on_both_sides(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    answer = resolve(client, case, strategy="CUSTOM_MERGE", resolvedData={"title": "both"}, pushToExternal=True)
    assert answer.status_code == 200, answer.json()
    assert answer.json() == {
        "success": True,
        "conflictId": case["id"],
        "status": "RESOLVED",
        "appliedChanges": {"task": case["resourceId"], "updated": True, "syncedToExternal": True},
    }
    scene.sync()
    assert (scene.titles_here(), scene.names_there()) == (["both"], ["both"])
    assert client.get(URL).json()["conflicts"] == []
    assert client.get(URL, {"status": "RESOLVED"}).json()["conflicts"][0]["resolvedBy"] == "dana"


def test_without_a_push_the_other_side_keeps_its_value(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    resolve(client, case, strategy="LOCAL_WINS", pushToExternal=False)
    scene.sync()
    assert (scene.titles_here(), scene.names_there()) == (["ours"], ["theirs"])


def test_a_case_is_decided_once(client: APIClient, case: dict[str, Any]) -> None:
    resolve(client, case, strategy="EXTERNAL_WINS")
    again = resolve(client, case, strategy="LOCAL_WINS")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_decided")
    assert again.json()["conflict"]["status"] == "RESOLVED"


def test_a_side_that_moved_is_shown_and_can_then_be_decided(
    client: APIClient, scene: Scene, case: dict[str, Any]
) -> None:
    scene.edit_there(case["gid"], name="theirs again")
    answer = resolve(client, case, strategy="EXTERNAL_WINS")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "moved")
    assert answer.json()["conflict"]["externalData"] == {"title": "theirs again"}
    assert resolve(client, case, strategy="EXTERNAL_WINS").status_code == 200
    assert scene.titles_here() == ["theirs again"]


@pytest.mark.parametrize("data", [None, {}, {"status": "TODO"}, {"title": ""}, {"title": 5}])
def test_values_that_cannot_stand_are_refused(client: APIClient, case: dict[str, Any], data: Any) -> None:
    body = {} if data is None else {"resolvedData": data}
    answer = resolve(client, case, strategy="CUSTOM_MERGE", **body)
    assert answer.status_code == 400
    assert "resolvedData" in answer.json()["error"]["fields"]


def test_conflicts_are_filtered(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    for wanted, number in (
        ({"integrationId": str(scene.asana.pk), "resourceType": "TASK"}, 1),
        ({"resourceType": "MEMBER"}, 0),
        ({"status": "RESOLVED"}, 0),
    ):
        assert len(client.get(URL, wanted).json()["conflicts"]) == number
