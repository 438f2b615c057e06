"""What a person needs to decide well: a fresh look, a preview, the token, history, ignoring and reopening."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from conflicts.models import ConflictResolution
from connectors.base.sandbox.faults import Fault
from tests.api.conftest import steward
from tests.api.test_conflicts import URL, case, resolve
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

__all__ = ["case"]


def ask(client: APIClient, case: dict[str, Any], what: str) -> Any:
    return client.get(f"{URL}/{case['id']}/{what}").json()


def test_a_look_shows_both_sides_and_the_writes_of_each_choice(client: APIClient, case: dict[str, Any]) -> None:
    seen = ask(client, case, "review")
    assert (seen["moved"], seen["agrees"], seen["problem"]) == (False, False, "")
    assert (seen["localNow"], seen["externalNow"]) == ({"title": "ours"}, {"title": "theirs"})
    assert seen["localEdits"]["title"]["by"] == "Dana"
    local, external = seen["offers"]
    assert local["writes"]["here"] == []
    assert local["writes"]["there"] == [{"field": "name", "before": "theirs", "after": "ours"}]
    assert external["writes"]["here"] == [{"field": "title", "before": "ours", "after": "theirs"}]
    assert external["writes"]["there"] == []
    assert seen["rules"]["title"]["rule"] == "manual review"
    assert seen["token"] == case["token"]


def test_a_look_writes_nothing_and_names_the_new_state(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    scene.edit_there(case["gid"], name="theirs again")
    seen = ask(client, case, "review")
    assert (seen["moved"], seen["externalNow"]) == (True, {"title": "theirs again"})
    assert seen["token"] != case["token"]
    assert client.get(f"{URL}/{case['id']}").json()["externalData"] == {"title": "theirs"}
    assert resolve(client, case, strategy="LOCAL_WINS", token=seen["token"]).status_code == 200


def test_a_stale_token_is_refused_with_the_new_state(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    scene.edit_here(case["resourceId"], {"title": "ours again"})
    answer = resolve(client, case, strategy="EXTERNAL_WINS", token=case["token"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "moved")
    assert answer.json()["conflict"]["localData"] == {"title": "ours again"}
    assert resolve(client, case, strategy="EXTERNAL_WINS", token=answer.json()["conflict"]["token"]).status_code == 200


def test_a_silent_provider_is_named_and_the_case_still_shown(
    client: APIClient, scene: Scene, case: dict[str, Any]
) -> None:
    scene.twin.faults.add(Fault("refused", ("GET", "^/tasks/"), times=None))
    seen = ask(client, case, "review")
    assert seen["problem"]
    assert (seen["localNow"], seen["externalNow"]) == ({"title": "ours"}, {"title": "theirs"})
    assert seen["offers"] == []


def test_a_preview_is_what_happens(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    body = {"strategy": "CUSTOM_MERGE", "resolvedData": {"title": "both"}}
    shown = client.post(f"{URL}/{case['id']}/preview", body).json()
    assert shown["here"] == [{"field": "title", "before": "ours", "after": "both"}]
    assert shown["there"] == [{"field": "name", "before": "theirs", "after": "both"}]
    assert (scene.titles_here(), scene.names_there()) == (["ours"], ["theirs"])
    resolve(client, case, **body)
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["both"]


def test_a_preview_without_a_push_sends_nothing(client: APIClient, case: dict[str, Any]) -> None:
    shown = client.post(f"{URL}/{case['id']}/preview", {"strategy": "LOCAL_WINS", "pushToExternal": False}).json()
    assert (shown["here"], shown["there"]) == ([], [])


def test_a_case_is_left_alone_and_opened_again(client: APIClient, case: dict[str, Any]) -> None:
    assert client.post(f"{URL}/{case['id']}/ignore").json()["conflict"]["status"] == "IGNORED"
    assert client.get(URL).json()["conflicts"] == []
    assert client.post(f"{URL}/{case['id']}/ignore").status_code == 409
    assert client.post(f"{URL}/{case['id']}/reopen").json()["conflict"]["status"] == "PENDING"
    assert client.post(f"{URL}/{case['id']}/reopen").status_code == 400


def test_the_loser_is_found_in_the_history_and_brought_back(
    client: APIClient, scene: Scene, case: dict[str, Any]
) -> None:
    resolve(client, case, strategy="EXTERNAL_WINS")
    scene.sync()
    again = client.post(f"{URL}/{case['id']}/reopen").json()["conflict"]
    assert again["reopensId"] == case["id"]
    past = ask(client, again, "history")["conflicts"]
    assert [one["id"] for one in past] == [again["id"], case["id"]]
    resolve(client, again, strategy="CUSTOM_MERGE", resolvedData=past[1]["localData"])
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["ours"]


def test_counts_follow_the_filters(client: APIClient, scene: Scene, case: dict[str, Any]) -> None:
    found = client.get(f"{URL}/summary").json()
    assert (found["total"], found["more"]) == (1, False)
    assert found["integrations"] == {str(scene.asana.pk): 1}
    assert (found["resourceTypes"], found["conflictedFields"], found["kinds"]) == (
        {"TASK": 1},
        {"title": 1},
        {"FIELDS": 1},
    )
    assert client.get(f"{URL}/summary", {"field": "dueDate"}).json()["total"] == 0


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({"field": "title"}, 1),
        ({"field": "dueDate"}, 0),
        ({"kind": "MAY_EXIST"}, 0),
        ({"strategy": "MANUAL_REVIEW"}, 1),
        ({"strategy": "LATEST_WINS"}, 0),
        ({"olderThan": 3}, 1),
        ({"olderThan": 5}, 0),
        ({"newerThan": 3}, 0),
    ],
)
def test_more_filters(client: APIClient, case: dict[str, Any], wanted: dict[str, Any], number: int) -> None:
    ConflictResolution.objects.update(created_at=timezone.now() - timedelta(days=4))
    assert len(client.get(URL, wanted).json()["conflicts"]) == number


def test_pages_cover_every_case_once(client: APIClient, scene: Scene) -> None:
    now = timezone.now()
    ConflictResolution.objects.bulk_create(
        ConflictResolution(
            integration=scene.asana, resource_type="task", resource_id=str(n), created_at=now, updated_at=now
        )
        for n in range(5)
    )
    seen, cursor = [], ""
    while cursor is not None:
        answer = client.get(URL, {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["resourceId"] for one in answer["conflicts"]]
        cursor = answer["pagination"]["nextCursor"]
    assert sorted(seen) == ["0", "1", "2", "3", "4"]
    assert client.get(URL, {"cursor": "nonsense"}).status_code == 404


@pytest.mark.parametrize("what", ["review", "history", "preview", "resolve", "ignore", "reopen"])
def test_a_case_of_others_is_not_found(scene: Scene, case: dict[str, Any], what: str) -> None:
    other = steward(OrganizationFactory(), name="eve")
    method = other.get if what in ("review", "history") else other.post
    assert method(f"{URL}/{case['id']}/{what}", {"strategy": "LOCAL_WINS"}).status_code == 404
