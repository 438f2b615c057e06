"""Rules over the API: made, changed, tested, and their firings looked at."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from automations.models import RuleFiring
from records.models import LocalChange, Task
from tests.automations import api
from tests.automations.scene import CREATED, Scene, SetClock, sets

pytestmark = pytest.mark.django_db
DOCUMENT = {
    "trigger": {"type": "field.changed", "resourceType": "task", "field": "status", "to": "COMPLETED"},
    "conditions": {"any": [{"field": "project", "operator": "is", "value": "Roof"}]},
    "actions": [sets(section="Done")],
}


@pytest.fixture
def client(scene: Scene) -> APIClient:
    return api.of(scene)


def test_a_rule_is_made_read_changed_and_removed(client: APIClient) -> None:
    made = client.post("/api/automations", {"name": "Done", "document": DOCUMENT, "maxPerMinute": 5})
    assert made.status_code == 201, made.json()
    one = f"/api/automations/{made.json()['id']}"
    assert made.json()["document"] == DOCUMENT
    assert (made.json()["version"], made.json()["createdBy"], made.json()["maxPerMinute"]) == (1, "dana", 5)
    changed = client.patch(one, {"document": {**DOCUMENT, "conditions": {}}, "enabled": False})
    assert (changed.json()["version"], changed.json()["enabled"]) == (2, False)
    versions = client.get(f"{one}/versions").json()["versions"]
    assert [(each["version"], each["savedBy"]) for each in versions] == [(2, "dana"), (1, "dana")]
    assert client.get("/api/automations?enabled=false").json()["rules"][0]["name"] == "Done"
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_problems_come_with_their_places(client: APIClient) -> None:
    wrong = {**DOCUMENT, "conditions": {"all": [{"field": "nope", "operator": "is", "value": 1}]}, "actions": []}
    answer = client.post("/api/automations", {"name": "x", "document": wrong})
    assert answer.status_code == 400
    fields = answer.json()["error"]["fields"]
    assert set(fields) == {"document.conditions.all[0].field", "document.actions"}
    assert "title" in fields["document.conditions.all[0].field"][0]


def test_a_name_is_taken_once(client: APIClient) -> None:
    body = {"name": "Done", "document": DOCUMENT}
    client.post("/api/automations", body)
    answer = client.post("/api/automations", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "duplicate")


def test_a_test_says_what_would_happen_and_does_nothing(client: APIClient, scene: Scene) -> None:
    rule = client.post("/api/automations", {"name": "Done", "document": DOCUMENT}).json()
    task = scene.task("Attic", status="COMPLETED", project="Cellar")
    changes = LocalChange.objects.count()
    report = client.post(f"/api/automations/{rule['id']}/test", {"recordId": str(task.pk)}).json()
    assert (report["subject"], report["triggered"], report["fires"]) == ("Task Attic", True, False)
    (part,) = report["conditions"]["parts"]
    assert part == {"sentence": "project is Roof", "holds": False, "found": "Cellar", "parts": []}
    assert report["actions"][0]["sentence"] == "Set section to Done"
    assert Task.objects.get(pk=task.pk).section == ""
    assert (LocalChange.objects.count(), RuleFiring.objects.count()) == (changes, 0)


def test_a_test_of_a_change_that_is_not_waited_for(client: APIClient, scene: Scene) -> None:
    rule = client.post("/api/automations", {"name": "Done", "document": DOCUMENT}).json()
    task = scene.task(status="BLOCKED", project="roof")
    body = {"recordId": str(task.pk), "before": {"status": "TODO"}}
    report = client.post(f"/api/automations/{rule['id']}/test", body).json()
    assert (report["triggered"], report["conditions"]["holds"], report["fires"]) == (False, True, False)


@pytest.mark.parametrize("kind", ["conflict.opened", "run.failed", "webhook.received", "schedule"])
def test_rules_about_no_record_are_tested_with_an_example(client: APIClient, scene: Scene, kind: str) -> None:
    trigger = {"type": kind, **({"everyMinutes": 60} if kind == "schedule" else {})}
    rule = scene.rule(trigger, {"type": "notify", "address": "a@example.org", "text": "{event}"})
    report = client.post(f"/api/automations/{rule.pk}/test", {}).json()
    assert report["fires"]
    assert report["actions"][0]["sentence"] == f"Tell a@example.org: {kind}"


def test_a_test_needs_a_record_of_ones_own(client: APIClient, scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    unknown = {"recordId": "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}
    assert client.post(f"/api/automations/{rule.pk}/test", unknown).status_code == 404
    assert client.post(f"/api/automations/{rule.pk}/test", {}).status_code == 404


def test_firings_are_listed_and_tried_again(client: APIClient, scene: Scene, clock: SetClock) -> None:
    rule = scene.rule(CREATED, sets(dueDate="{title}"))
    task = scene.task("soon")
    scene.work()
    listed = client.get(f"/api/automations/firings?ruleId={rule.pk}&status=FAILED").json()
    (firing,) = listed["firings"]
    assert (firing["recordId"], firing["ruleName"], firing["depth"]) == (str(task.pk), rule.name, 0)
    assert "needs a day" in firing["outcomes"][0]["detail"]
    again = client.post(f"/api/automations/firings/{firing['id']}/retry")
    assert again.json()["status"] == "WAITING"
    refused = client.post(f"/api/automations/firings/{firing['id']}/retry")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "nothing_to_retry")
    assert client.get(f"/api/automations/firings/{firing['id']}").json()["subject"] == "Task soon"


def test_what_belongs_to_others_is_not_there(scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    scene.task()
    scene.work()
    other, firing = api.stranger(), RuleFiring.objects.get()
    assert rule.name not in [one["name"] for one in other.get("/api/automations").json()["rules"]]
    assert other.get("/api/automations/firings").json()["firings"] == []
    places: list[tuple[str, str]] = [
        ("get", f"/api/automations/{rule.pk}"),
        ("patch", f"/api/automations/{rule.pk}"),
        ("delete", f"/api/automations/{rule.pk}"),
        ("post", f"/api/automations/{rule.pk}/test"),
        ("get", f"/api/automations/{rule.pk}/versions"),
        ("get", f"/api/automations/firings/{firing.pk}"),
        ("post", f"/api/automations/firings/{firing.pk}/retry"),
    ]
    assert [getattr(other, method)(place, {}).status_code for method, place in places] == [404] * len(places)


def test_without_a_role_nothing_is_shown(scene: Scene) -> None:
    from tests.api.conftest import steward

    nobody = steward(scene.organization, "nobody", role="")
    assert [nobody.get(place).status_code for place in ("/api/automations", "/api/hooks")] == [403, 403]
    assert APIClient().get("/api/automations").status_code == 401


def test_the_vocabulary_names_all_that_a_rule_can_be_made_of(client: APIClient) -> None:
    words: dict[str, Any] = client.get("/api/automations/vocabulary").json()
    assert "record.created" in [one["type"] for one in words["triggers"]]
    assert "status" in [field["name"] for field in words["resourceTypes"]["task"]["fields"]]
    assert "has" in [one["operator"] for one in words["operators"]["tags"]]
    assert {"set_fields", "push", "notify", "call_webhook", "start_run"} <= {one["type"] for one in words["actions"]}
