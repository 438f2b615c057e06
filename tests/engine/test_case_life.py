"""The life of a case: one open case per record, closed by itself, left alone, opened again, decided once."""

from __future__ import annotations

from typing import Any

import pytest

from conflicts.models import ConflictResolution
from integrations.models import IntegrationMapping
from sync_engine.review import decisions, reopening, review, standing
from tests.engine.scene import Scene

Case = ConflictResolution


@pytest.fixture
def pair(scene: Scene) -> tuple[str, str]:
    """(id here, gid there) of a task that both sides agree on."""
    set_up(scene, conflict_strategy="MANUAL_REVIEW")
    task = scene.here("agreed", description="plain")
    scene.sync()
    return task, scene.twin.store.live("tasks")[0].id


def set_up(scene: Scene, **values: Any) -> None:
    for name, value in values.items():
        setattr(scene.asana, name, value)
    scene.asana.save()


def contest(scene: Scene, pair: tuple[str, str], ours: str = "ours", theirs: str = "theirs") -> ConflictResolution:
    task, gid = pair
    scene.edit_here(task, {"title": ours})
    scene.edit_there(gid, name=theirs)
    scene.sync()
    return Case.objects.get(status="PENDING")


def test_a_record_has_one_open_case_that_is_brought_up_to_date(scene: Scene, pair: tuple[str, str]) -> None:
    first = contest(scene, pair)
    again = contest(scene, pair, theirs="theirs again")
    assert (again.pk, again.external_data) == (first.pk, {"title": "theirs again"})
    assert again.local_changed_by == "Dana"


def test_a_case_that_became_another_question_keeps_what_it_held(scene: Scene, pair: tuple[str, str]) -> None:
    first = contest(scene, pair)
    scene.twin.hand_delete("tasks", pair[1])
    scene.sync(full=True)
    scene.sync(full=True)
    open_now = Case.objects.get(status="PENDING")
    assert open_now.kind == "DELETED_EXTERNALLY"
    first.refresh_from_db()
    assert (first.status, first.external_data) == ("AUTO_RESOLVED", {"title": "theirs"})


@pytest.mark.parametrize("side", ["here", "there"])
def test_sides_that_come_to_agree_close_the_case(scene: Scene, pair: tuple[str, str], side: str) -> None:
    case = contest(scene, pair)
    if side == "here":
        scene.edit_here(pair[0], {"title": "theirs"})
    else:
        scene.edit_there(pair[1], name="ours")
    scene.sync()
    case.refresh_from_db()
    assert (case.status, case.winners["*"]["winner"]) == ("AUTO_RESOLVED", "BOTH")
    assert IntegrationMapping.objects.get().sync_status == "SYNCED"


def test_an_ignored_case_comes_back_only_with_news(scene: Scene, pair: tuple[str, str]) -> None:
    reopening.ignore(contest(scene, pair), by="dana")
    scene.sync(full=True)
    assert [one.status for one in Case.objects.all()] == ["IGNORED"]
    assert (scene.titles_here(), scene.names_there()) == (["ours"], ["theirs"])
    scene.edit_there(pair[1], name="theirs again")
    scene.sync()
    assert sorted(Case.objects.values_list("status", flat=True)) == ["IGNORED", "PENDING"]


def test_an_ignored_case_is_opened_again_as_it_was(scene: Scene, pair: tuple[str, str]) -> None:
    case = reopening.ignore(contest(scene, pair), by="dana")
    assert reopening.reopen(case, by="dana").status == "PENDING"
    decisions.resolve(case, strategy="LOCAL_WINS")
    scene.sync()
    assert scene.names_there() == ["ours"]


def test_the_loser_of_a_decided_case_can_be_brought_back(scene: Scene, pair: tuple[str, str]) -> None:
    case = contest(scene, pair)
    decisions.resolve(case, strategy="EXTERNAL_WINS", resolved_by="dana")
    scene.sync()
    reopened = reopening.reopen(case, by="dana")
    scene.sync(full=True)
    reopened.refresh_from_db()
    assert (reopened.status, reopened.reopens_id) == ("PENDING", case.pk)
    assert (reopened.local_data, reopened.external_data) == ({"title": "theirs"}, {"title": "theirs"})
    decisions.resolve(reopened, strategy="CUSTOM_MERGE", values=case.local_data)
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["ours"]


def test_a_record_with_an_open_case_gets_no_second_one(scene: Scene, pair: tuple[str, str]) -> None:
    old = contest(scene, pair)
    decisions.resolve(old, strategy="EXTERNAL_WINS")
    scene.sync()
    contest(scene, pair, "ours 2", "theirs 2")
    with pytest.raises(decisions.CannotDecide, match="open case already"):
        reopening.reopen(old, by="dana")


def gone_there(scene: Scene, pair: tuple[str, str]) -> ConflictResolution:
    scene.edit_here(pair[0], {"title": "ours"})
    scene.twin.hand_delete("tasks", pair[1])
    scene.sync(full=True)
    scene.sync(full=True)
    return Case.objects.get(status="PENDING", kind="DELETED_EXTERNALLY")


@pytest.mark.parametrize("policy", ["ARCHIVE", "ASK", "RESTORE"])
def test_a_record_that_is_let_go_is_asked_about_once(scene: Scene, pair: tuple[str, str], policy: str) -> None:
    set_up(scene, on_external_delete=policy)
    decisions.resolve(gone_there(scene, pair), strategy="EXTERNAL_WINS", resolved_by="dana")
    scene.sync(full=True)
    scene.sync(full=True)
    assert scene.titles_here() == scene.names_there() == []
    assert not Case.objects.filter(status="PENDING").exists()


def test_a_record_that_was_let_go_can_be_brought_back(scene: Scene, pair: tuple[str, str]) -> None:
    case = gone_there(scene, pair)
    decisions.resolve(case, strategy="EXTERNAL_WINS")
    scene.sync()
    decisions.resolve(reopening.reopen(case, by="dana"), strategy="LOCAL_WINS")
    scene.sync()
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["ours"]


@pytest.mark.parametrize("policy", ["ARCHIVE", "ASK"])
def test_a_delete_that_a_person_confirms_goes_out(scene: Scene, pair: tuple[str, str], policy: str) -> None:
    set_up(scene, on_local_delete=policy)
    scene.delete_here(pair[0])
    scene.edit_there(pair[1], name="theirs")
    scene.sync()
    case = Case.objects.get(status="PENDING", kind="DELETED_LOCALLY")
    decisions.resolve(case, strategy="LOCAL_WINS")
    scene.sync()
    scene.sync(full=True)
    assert scene.titles_here() == scene.names_there() == []
    assert not Case.objects.filter(status="PENDING").exists()


def test_a_decision_names_what_was_seen(scene: Scene, pair: tuple[str, str]) -> None:
    case = contest(scene, pair)
    scene.edit_there(pair[1], name="theirs again")
    seen = review.look(case)
    assert (seen.moved, seen.external) == (True, {"title": "theirs again"})
    stale = standing.token_of(case, case.local_data, case.external_data)
    with pytest.raises(decisions.ConflictMoved):
        decisions.resolve(case, strategy="EXTERNAL_WINS", seen=stale)
    decisions.resolve(case, strategy="EXTERNAL_WINS", seen=seen.token)
    assert scene.titles_here() == ["theirs again"]


def test_two_people_decide_once(scene: Scene, pair: tuple[str, str]) -> None:
    case = contest(scene, pair)
    other = Case.objects.get(pk=case.pk)
    decisions.resolve(case, strategy="EXTERNAL_WINS")
    with pytest.raises(decisions.AlreadyDecided):
        decisions.resolve(other, strategy="LOCAL_WINS")
    assert scene.titles_here() == ["theirs"]


def test_who_won_is_kept_per_field(scene: Scene, pair: tuple[str, str]) -> None:
    scene.edit_here(pair[0], {"title": "ours", "description": "ours"})
    scene.edit_there(pair[1], name="theirs", notes="theirs")
    scene.sync()
    case = Case.objects.get(status="PENDING")
    decisions.resolve(case, strategy="CUSTOM_MERGE", values={"title": "theirs", "description": "both"})
    assert {name: one["winner"] for name, one in case.winners.items()} == {"title": "EXTERNAL", "description": "MERGED"}
    assert case.resolved_data == {"title": "theirs", "description": "both"}
