"""A create without an answer, where the provider gives no way back: a person is asked, nothing is doubled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conflicts.models import ConflictResolution
from connectors.asana.connector import AsanaConnector
from connectors.base.sandbox.faults import Fault
from integrations.models import Intent
from sync_engine.review import decisions
from sync_engine.running import schedule
from sync_engine.running.leases import LeaseHeld
from tests.engine.scene import Scene


@pytest.fixture
def no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    blind = tuple(replace(one, way_back="none") for one in AsanaConnector.resources)
    monkeypatch.setattr(AsanaConnector, "resources", blind)


@pytest.fixture
def card(scene: Scene, no_way_back: None) -> ConflictResolution:
    scene.sync()
    scene.here("Paint")
    scene.twin.faults.add(Fault("lose_response", ("POST", "^/tasks$")))
    scene.sync()
    scene.sync()
    return ConflictResolution.objects.get(kind="MAY_EXIST", status="PENDING")


def test_nothing_is_doubled_while_the_card_is_open(scene: Scene, card: ConflictResolution) -> None:
    scene.sync(full=True)
    assert scene.names_there() == ["Paint"] == scene.titles_here()


def test_while_the_card_is_open_nothing_is_due_and_an_edit_waits_for_the_answer(
    scene: Scene, card: ConflictResolution
) -> None:
    scene.edit_here(card.resource_id, {"title": "Paint it"})
    scene.sync()
    assert schedule.integrations_with_pending() == []
    decisions.resolve(card, strategy="EXTERNAL_WINS", values={"externalId": scene.twin.store.live("tasks")[0].id})
    scene.sync()
    assert scene.names_there() == ["Paint it"] == scene.titles_here()


def test_the_record_that_a_person_names_is_linked(scene: Scene, card: ConflictResolution) -> None:
    made = scene.twin.store.live("tasks")[0].id
    decisions.resolve(card, strategy="EXTERNAL_WINS", values={"externalId": made})
    scene.sync(full=True)
    assert scene.names_there() == ["Paint"] == scene.titles_here()
    assert scene.asana.mappings.get().external_id == made
    assert not Intent.objects.exists()


def test_a_decision_without_a_record_says_what_is_missing(scene: Scene, card: ConflictResolution) -> None:
    with pytest.raises(decisions.UndecidedCandidate, match="externalId"):
        decisions.resolve(card, strategy="EXTERNAL_WINS")


def test_it_is_created_again_when_a_person_says_so(scene: Scene, card: ConflictResolution) -> None:
    scene.twin.hand_delete("tasks", scene.twin.store.live("tasks")[0].id)
    decisions.resolve(card, strategy="LOCAL_WINS")
    scene.sync()
    assert scene.names_there() == ["Paint"] == scene.titles_here()


def test_a_moved_case_keeps_what_stands_now(scene: Scene) -> None:
    gid = scene.there("title")
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    scene.sync()
    task = scene.asana.mappings.get().internal_id
    scene.edit_here(task, {"title": "ours"})
    scene.edit_there(gid, name="theirs")
    scene.sync()
    case = ConflictResolution.objects.get(status="PENDING")
    scene.edit_there(gid, name="theirs again")
    with pytest.raises(decisions.ConflictMoved):
        decisions.resolve(case, strategy="LOCAL_WINS")
    case.refresh_from_db()
    assert (case.external_data, case.status) == ({"title": "theirs again"}, "PENDING")
    decisions.resolve(case, strategy="LOCAL_WINS")
    scene.sync()
    assert scene.names_there() == ["ours"]


@pytest.fixture
def lost(scene: Scene) -> str:
    """A create reached Asana under a plain token, and its answer was lost. Returns the gid."""
    scene.sync()
    scene.here("Paint")
    scene.twin.faults.add(Fault("lose_response", ("POST", "^/tasks$")))
    scene.sync(direction="push")
    return scene.twin.store.live("tasks")[0].id


def test_a_lost_create_that_shows_what_was_sent_is_adopted(scene: Scene, lost: str) -> None:
    scene.sync()
    assert scene.names_there() == ["Paint"] == scene.titles_here()
    assert scene.asana.mappings.get().external_id == lost


def test_a_lost_create_that_was_edited_there_is_not_made_again(scene: Scene, lost: str) -> None:
    scene.edit_there(lost, name="Paint the hall")
    for _ in range(2):
        scene.sync(full=True)
    assert (scene.names_there(), scene.titles_here()) == (["Paint the hall"], ["Paint"])
    card = ConflictResolution.objects.get(kind="MAY_EXIST", status="PENDING")
    assert card.external_data == {"candidates": [lost]}
    assert "somebody may have edited it" in card.conflict_reason
    decisions.resolve(card, strategy="EXTERNAL_WINS")
    scene.sync(full=True)
    assert scene.names_there() == ["Paint the hall"] == scene.titles_here()


def test_candidates_come_in_as_their_own_when_a_person_says_create_again(scene: Scene, lost: str) -> None:
    scene.edit_there(lost, name="Paint the hall")
    scene.sync()
    decisions.resolve(ConflictResolution.objects.get(status="PENDING"), strategy="LOCAL_WINS")
    scene.sync()
    assert scene.names_there() == ["Paint", "Paint the hall"] == scene.titles_here()


def test_what_others_made_meanwhile_is_no_candidate(scene: Scene, lost: str) -> None:
    scene.twin.hand_delete("tasks", lost)
    scene.there("made by Dana")
    scene.sync()
    assert scene.names_there() == ["Paint", "made by Dana"] == scene.titles_here()
    assert not ConflictResolution.objects.exists()


def test_a_create_that_never_happened_is_made(scene: Scene) -> None:
    scene.sync()
    scene.here("Paint")
    scene.twin.faults.add(Fault("fail_before_write", ("POST", "^/tasks$")))
    scene.sync(direction="push")
    assert scene.names_there() == []
    scene.sync()
    assert scene.names_there() == ["Paint"] == scene.titles_here()


def test_two_lost_creates_are_told_apart(scene: Scene, lost: str) -> None:
    """The one that shows what was sent is no candidate of the other."""
    scene.twin.hand_delete("tasks", lost)
    scene.here("Sand")
    scene.twin.faults.add(Fault("lose_response", ("POST", "^/tasks$")))
    scene.sync(direction="push")
    scene.sync()
    assert scene.names_there() == ["Paint", "Sand"] == scene.titles_here()
    assert not ConflictResolution.objects.exists()


def test_a_second_thread_that_decides_the_same_case_waits_its_turn(
    scene: Scene, card: ConflictResolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = decisions._CARRY_OUT[card.kind]
    refused: list[LeaseHeld] = []

    def meanwhile(*arguments: Any) -> Any:
        try:
            decisions.resolve(ConflictResolution.objects.get(pk=card.pk), strategy="LOCAL_WINS")
        except LeaseHeld as error:
            refused.append(error)
        return before(*arguments)

    monkeypatch.setitem(decisions._CARRY_OUT, card.kind, meanwhile)
    made = scene.twin.store.live("tasks")[0].id
    decisions.resolve(card, strategy="EXTERNAL_WINS", values={"externalId": made})
    assert len(refused) == 1
