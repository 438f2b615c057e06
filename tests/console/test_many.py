"""Many cases by one rule, suggestions, and ambiguous matches, as pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conflicts.models import BulkDecision, ConflictResolution
from integrations.models import FieldMapping, JobExecution
from records.models import Member, Task
from sync_engine import tasks
from tests.api.test_suggestions import decided
from tests.console.test_conflicts import send, shown, told
from tests.engine.scene import Scene
from tests.records.factories import MemberFactory


@pytest.fixture(autouse=True)
def workers_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks are carried out at once, with arguments that went through JSON."""

    def at_once(args: list[Any], retry: bool = True) -> Any:
        return tasks.decide_many.apply(args=json.loads(json.dumps(args)), throw=True)

    monkeypatch.setattr(tasks.decide_many, "apply_async", at_once)


@pytest.fixture
def gids(scene: Scene) -> list[str]:
    """Three tasks that both sides renamed."""
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gids = [scene.there(f"base {n}") for n in range(3)]
    scene.sync()
    for n, gid in enumerate(gids):
        scene.edit_here(Task.objects.get(title=f"base {n}").pk, {"title": f"ours {n}"})
        scene.edit_there(gid, name=f"theirs {n}")
    scene.sync()
    return gids


def prepare(client: Client, scene: Scene, rule: str) -> BulkDecision:
    place = reverse("console:conflicts_many") + f"?integration={scene.asana.pk}"
    assert client.post(place, {"rule": rule, "push": "on"}).status_code == 302
    return BulkDecision.objects.get()


def test_every_write_is_shown_before_any_is_made(scene: Scene, steward: Client, gids: list[str]) -> None:
    assert "3 open cases chosen" in shown(steward, "conflicts_many", integration=str(scene.asana.pk))
    made = prepare(steward, scene, "prefer_local")
    page = shown(steward, "conflicts_bulk", made.pk)
    for text in ("Carry out 3 decisions", "theirs 1", "ours 1", "<code>name</code>"):
        assert text in page
    assert scene.names_there() == ["theirs 0", "theirs 1", "theirs 2"]


def test_what_was_shown_is_carried_out_and_listed(scene: Scene, steward: Client, gids: list[str]) -> None:
    made = prepare(steward, scene, "prefer_external")
    scene.edit_there(gids[0], name="moved on")
    answer = steward.post(reverse("console:conflicts_bulk_approve", args=[made.pk]), follow=True)
    assert "Approved." in told(answer)
    assert scene.titles_here() == ["ours 0", "theirs 1", "theirs 2"]
    page = shown(steward, "conflicts_bulk", made.pk, state="STALE")
    assert "has changed since" in page
    assert "theirs 1" not in page
    made.refresh_from_db()
    assert "Case by case" in shown(steward, "run", made.run_id)


def test_a_second_approval_is_refused(scene: Scene, steward: Client, gids: list[str]) -> None:
    made = prepare(steward, scene, "prefer_external")
    place = reverse("console:conflicts_bulk_approve", args=[made.pk])
    steward.post(place)
    assert "nothing to approve" in told(steward.post(place, follow=True))


def test_its_run_is_cancelled_with_it(
    scene: Scene, steward: Client, gids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = prepare(steward, scene, "prefer_external")
    monkeypatch.setattr(tasks.decide_many, "apply_async", lambda **_: None)
    steward.post(reverse("console:conflicts_bulk_approve", args=[made.pk]))
    made.refresh_from_db()
    steward.post(reverse("console:cancel_run", args=[made.run_id]))
    made.refresh_from_db()
    assert (made.status, JobExecution.objects.get(pk=made.run_id).status) == ("CANCELLED", "CANCELLED")
    assert tasks.decide_many.apply(args=[str(made.pk)]).result is None
    assert scene.titles_here() == ["ours 0", "ours 1", "ours 2"]


def test_decisions_of_others_are_not_found(scene: Scene, steward: Client, stranger: Client, gids: list[str]) -> None:
    made = prepare(steward, scene, "prefer_external")
    assert stranger.get(reverse("console:conflicts_bulk", args=[made.pk])).status_code == 404
    assert stranger.get(reverse("console:conflicts_many"), {"integration": str(scene.asana.pk)}).status_code == 404
    for name in ("conflicts_bulk_approve", "conflicts_bulk_cancel"):
        assert stranger.post(reverse(f"console:{name}", args=[made.pk])).status_code == 404


def rule(scene: Scene, **change: str) -> dict[str, str]:
    named = {"integration": str(scene.asana.pk), "type": "task", "field": "dueDate"}
    return {**named, "strategy": "prefer_external", "when": "always", **change}


def test_a_habit_becomes_a_rule_and_is_taken_back(scene: Scene, steward: Client, stranger: Client) -> None:
    assert "No suggestion yet" in shown(steward, "conflicts_suggestions")
    decided(scene.asana, "EXTERNAL", 41)
    decided(scene.asana, "LOCAL", 2)
    page = shown(steward, "conflicts_suggestions")
    assert "In 41 of 43 cases you kept Asana&#x27;s due date." in page
    assert "No suggestion yet" in shown(stranger, "conflicts_suggestions")
    version = FieldMapping.objects.get().version
    answer = steward.post(reverse("console:conflicts_promote"), rule(scene), follow=True)
    assert f"version {version + 1} of the mapping" in told(answer)
    page = shown(steward, "conflicts_suggestions")
    assert "Rules in force" in page
    assert "In 41 of 43" not in page
    steward.post(reverse("console:conflicts_withdraw"), rule(scene))
    newest = FieldMapping.objects.order_by("-version")[0]
    assert (newest.version, "conflictRules" in newest.document) == (version + 2, False)


def test_a_card_mentions_what_past_decisions_speak_for(scene: Scene, steward: Client, gids: list[str]) -> None:
    decided(
        scene.asana,
        "EXTERNAL",
        9,
        conflicted_fields=["title"],
        local_data={"title": "a"},
        external_data={"title": "b"},
        resolved_data={"title": "b"},
        winners={"title": {"winner": "EXTERNAL", "rule": "decided"}},
    )
    case = ConflictResolution.objects.filter(status="PENDING")[0]
    assert "In 9 of 9 cases you kept Asana&#x27;s title." in shown(steward, "conflict", case.pk)
    case.refresh_from_db()
    assert case.status == "PENDING"


@pytest.mark.parametrize(
    "change", [{"strategy": "guess"}, {"when": "sometimes"}, {"type": "boat"}, {"field": "nothing"}]
)
def test_what_cannot_be_a_rule_is_refused(scene: Scene, steward: Client, change: dict[str, str]) -> None:
    steward.post(reverse("console:conflicts_promote"), rule(scene, **change))
    assert FieldMapping.objects.count() == 1


def test_rules_of_others_are_not_touched(scene: Scene, stranger: Client) -> None:
    for name in ("conflicts_promote", "conflicts_withdraw"):
        assert stranger.post(reverse(f"console:{name}"), rule(scene)).status_code == 404


@pytest.fixture
def ambiguous(scene: Scene) -> ConflictResolution:
    """Somebody at Asana whose address two members here have."""
    scene.asana.delete()
    people = [MemberFactory(organization=scene.organization, name=f"Kim {n}", email="kim@example.org") for n in (1, 2)]
    assert len(people) == 2
    scene.asana = scene.connect("Asana", data_types=["MEMBERS"])
    scene.twin.hand_create("users", {"name": "Kim", "email": "kim@example.org"})
    scene.sync()
    return ConflictResolution.objects.get(kind="AMBIGUOUS", status="PENDING")


def test_an_ambiguous_match_is_linked_with_the_chosen_one(
    scene: Scene, steward: Client, ambiguous: ConflictResolution
) -> None:
    page = shown(steward, "conflict", ambiguous.pk)
    for text in ("Kim 1", "Kim 2", "Which record here is it?", "It is a new one: create it here"):
        assert text in page
    chosen = Member.objects.get(name="Kim 2")
    assert "Decided." in told(send(steward, ambiguous, decision="LOCAL_WINS", candidate=str(chosen.pk)))
    assert scene.asana.mappings.get(external_id=ambiguous.external_id).internal_id == chosen.pk


def test_an_ambiguous_match_may_be_new(scene: Scene, steward: Client, ambiguous: ConflictResolution) -> None:
    send(steward, ambiguous, decision="EXTERNAL_WINS")
    assert Member.objects.filter(email="kim@example.org").count() == 3
