"""Rules in the console: made in rows, shown in words, tried, watched, switched."""

from __future__ import annotations

from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Rule, RuleFiring
from console.automations.draft import Draft, Row, TooNested, of_document, text_of, values_of
from records.models import Task
from tests.automations.conftest import clock
from tests.automations.scene import CREATED, Scene, sets
from tests.console.conftest import person
from tests.records.factories import OrganizationFactory

__all__ = ["clock"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: Any, settings: Any) -> Scene:
    settings.PUSH_IN_REAL_TIME = False
    return Scene()


@pytest.fixture
def steward(scene: Scene) -> Client:
    return person("steward", scene.organization, "WEB_STEWARD")


@pytest.fixture
def stranger() -> Client:
    return person("stranger", OrganizationFactory(), "BOARD_CHAIR")


def page(client: Client, name: str, *keys: Any, **query: Any) -> str:
    answer = client.get(reverse(f"console:{name}", args=keys), query)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


NEW: Mapping[str, Any] = {
    "name": "Done tasks",
    "max_per_minute": "60",
    "enabled": "on",
    "trigger-type": "field.changed",
    "trigger-resourceType": "task",
    "trigger-field": "status",
    "trigger-to": "COMPLETED",
    "condition-0-field": "project",
    "condition-0-operator": "in",
    "condition-0-value": "Roof, Attic",
    "condition-1-joined": "or",
    "condition-1-field": "priority",
    "condition-1-operator": "is",
    "condition-1-value": "URGENT",
    "action-0-type": "set_fields",
    "action-0-values": "section = Done by {actor}\nlabels = a, b",
}


def posted(client: Client, name: str, body: Mapping[str, Any], *keys: Any) -> tuple[int, str]:
    answer = client.post(reverse(f"console:{name}", args=keys), body)
    return answer.status_code, unescape(answer.content.decode())


def test_a_rule_is_made_in_rows_and_shown_in_words(steward: Client) -> None:
    status, _ = posted(steward, "new_rule", NEW)
    rule = Rule.objects.get()
    assert status == 302
    assert rule.document == {
        "trigger": {"type": "field.changed", "resourceType": "task", "field": "status", "to": "COMPLETED"},
        "conditions": {
            "all": [
                {
                    "any": [
                        {"field": "project", "operator": "in", "value": ["Roof", "Attic"]},
                        {"field": "priority", "operator": "is", "value": "URGENT"},
                    ]
                }
            ]
        },
        "actions": [{"type": "set_fields", "values": {"section": "Done by {actor}", "labels": "a, b"}}],
    }
    shown = page(steward, "rule", rule.pk)
    assert "status of a task changes to COMPLETED" in shown
    assert "priority is URGENT" in shown
    assert "It has not fired" in shown
    assert rule.created_by == "steward"


def test_what_was_made_is_edited_in_the_same_rows(steward: Client) -> None:
    posted(steward, "new_rule", NEW)
    rule = Rule.objects.get()
    form = page(steward, "edit_rule", rule.pk)
    assert 'value="Roof, Attic"' in form
    assert "section = Done by {actor}" in form
    posted(steward, "edit_rule", {**NEW, "trigger-to": "BLOCKED"}, rule.pk)
    rule.refresh_from_db()
    assert (rule.version, rule.document["trigger"]["to"]) == (2, "BLOCKED")
    assert "Earlier versions" in page(steward, "rule", rule.pk)


def test_problems_stand_at_their_rows_and_nothing_is_lost(steward: Client) -> None:
    wrong = {
        **NEW,
        "condition-1-field": "dueDate",
        "condition-1-operator": "before",
        "condition-1-value": "soon",
        "action-0-values": "nonsense = 1",
    }
    status, shown = posted(steward, "new_rule", wrong)
    assert status == 422
    assert "needs a day such as 2026-01-31" in shown
    assert "has no field 'nonsense'" in shown
    assert 'value="Roof, Attic"' in shown
    assert not Rule.objects.exists()


def test_buttons_draw_the_form_anew_without_saving(steward: Client) -> None:
    body = {**NEW, "add-condition": "and", "add-action": "1"}
    del body["enabled"]
    status, shown = posted(steward, "new_rule", body)
    assert (status, Rule.objects.count()) == (200, 0)
    assert 'name="condition-2-field"' in shown
    assert 'name="action-1-type"' in shown
    assert 'name="enabled" id="id_enabled" checked' not in shown
    _, shown = posted(steward, "new_rule", {**NEW, "remove-condition": "0"})
    assert 'name="condition-1-field"' not in shown
    assert "URGENT" in shown


@pytest.mark.parametrize(
    ("kind", "asks"),
    [
        ("record.created", "trigger-resourceType"),
        ("conflict.opened", "trigger-integration"),
        ("schedule", "trigger-everyMinutes"),
        ("run.failed", "trigger-integration"),
        ("webhook.received", "trigger-integration"),
    ],
)
def test_every_trigger_has_its_inputs(steward: Client, kind: str, asks: str) -> None:
    _, shown = posted(steward, "new_rule", {**NEW, "trigger-type": kind, "redraw": "1"})
    assert f'name="{asks}"' in shown


@pytest.mark.parametrize("kind", ["set_fields", "create_record", "push", "start_run", "notify", "call_webhook"])
def test_every_action_has_its_inputs(steward: Client, kind: str) -> None:
    _, shown = posted(steward, "new_rule", {**NEW, "action-0-type": kind, "redraw": "1"})
    assert shown.count('name="action-0-') >= 2


def test_a_rule_is_edited_as_text(steward: Client, scene: Scene) -> None:
    nested = {"any": [{"all": [{"any": [{"field": "title", "operator": "empty"}]}]}]}
    rule = scene.rule(CREATED, sets(priority="HIGH"), conditions=nested)
    moved = steward.get(reverse("console:edit_rule", args=[rule.pk]))
    assert (moved.status_code, moved["Location"]) == (302, "?as=text&nested=1")
    body = {"name": "As text", "max_per_minute": "0", "document": "{"}
    status, shown = posted(steward, "edit_rule", body, rule.pk)
    assert (status, "This is not JSON" in shown) == (422, True)
    status, shown = posted(steward, "edit_rule", {**body, "document": '{"trigger": {}}'}, rule.pk)
    assert (status, "trigger.type" in shown) == (422, True)


def test_trying_a_rule_shows_what_would_happen_and_does_nothing(steward: Client, scene: Scene) -> None:
    posted(steward, "new_rule", {**NEW, "action-0-values": "section = Done"})
    rule = Rule.objects.get()
    right, wrong = scene.task("Right", status="COMPLETED", project="roof"), scene.task("Wrong", status="COMPLETED")
    assert "Right" in page(steward, "try_rule", rule.pk)
    assert "Wrong" not in page(steward, "try_rule", rule.pk, search="righ")
    tried = page(steward, "try_rule", rule.pk, record=str(right.pk))
    assert "It would fire for Task Right" in tried
    assert "Set section to Done" in tried
    assert "It would not fire for Task Wrong" in page(steward, "try_rule", rule.pk, record=str(wrong.pk))
    assert "no such record" in page(steward, "try_rule", rule.pk, record="nonsense")
    assert Task.objects.filter(section="").count() == 2
    assert not RuleFiring.objects.exists()


def test_firings_are_listed_explained_and_tried_again(steward: Client, scene: Scene, clock: Any) -> None:
    rule = scene.rule(CREATED, sets(dueDate="{title}"))
    scene.task("soon")
    scene.work()
    (firing,) = scene.firings()
    for name, keys in (("rule", [rule.pk]), ("firings", []), ("firing", [firing.pk])):
        assert "needs a day such as" in page(steward, name, *keys)
    assert "No firing has this status" in page(steward, "firings", status="DONE")
    answer = steward.post(reverse("console:retry_firing", args=[firing.pk]), follow=True)
    assert "tried again" in answer.content.decode()
    assert scene.statuses() == ["WAITING"]


def test_switching_and_removing(steward: Client, scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    for on in ("0", "1"):
        posted(steward, "switch_rule", {"on": on}, rule.pk)
        rule.refresh_from_db()
        assert rule.enabled is (on == "1")
    assert rule.name in page(steward, "rules")
    posted(steward, "remove_rule", {}, rule.pk)
    assert "No rules yet" in page(steward, "rules")


def test_what_belongs_to_others_is_not_there(stranger: Client, scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(dueDate="{title}"))
    scene.task()
    scene.work()
    assert rule.name not in page(stranger, "rules")
    for name in ("rule", "edit_rule", "try_rule"):
        assert stranger.get(reverse(f"console:{name}", args=[rule.pk])).status_code == 404
    for name in ("switch_rule", "remove_rule"):
        assert stranger.post(reverse(f"console:{name}", args=[rule.pk])).status_code == 404
    firing = RuleFiring.objects.get()
    assert stranger.get(reverse("console:firing", args=[firing.pk])).status_code == 404
    assert stranger.post(reverse("console:retry_firing", args=[firing.pk])).status_code == 404


def test_a_draft_and_its_document_are_two_forms_of_one_thing() -> None:
    draft = Draft(
        {"type": "record.created", "resourceType": "task"},
        [Row("title", "empty"), Row("labels", "has_any", "a, b"), Row("project", "is", "x", "or"), Row()],
    )
    again = of_document(draft.document())
    assert [(row.field, row.operator, row.value, row.joined) for row in again.rows] == [
        ("title", "empty", "", "and"),
        ("labels", "has_any", "a, b", "and"),
        ("project", "is", "x", "or"),
    ]
    assert again.document() == draft.document()
    deep = {"all": [{"all": [{"field": "a", "operator": "empty"}]}]}
    with pytest.raises(TooNested):
        of_document({**draft.document(), "conditions": deep})


def test_values_are_written_one_a_line() -> None:
    assert values_of("status = DONE\n\n note = a = b \n empty =") == {"status": "DONE", "note": "a = b", "empty": ""}
    assert text_of({"a": True, "b": None, "c": ["x", "y"]}) == "a = yes\nb = \nc = x, y"
