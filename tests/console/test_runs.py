"""The pages of runs: plans in lists, approval once, failures with their words, rollback with its preview."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import JobExecution
from sync_engine.running import relay, schedule
from sync_engine.undo import rollback
from tests.console.asking import opened, pressed, refused
from tests.engine.scene import Scene

PAGES = ("run", "roll_back_run")


def test_a_first_plan_shows_its_four_lists_and_what_it_refuses(scene: Scene, steward: Client) -> None:
    scene.there("only there")
    scene.there("x" * 1100)
    scene.here("only here")
    plan = scene.sync(dry_run=True).run
    page = opened(steward, "run", plan.pk)
    assert "Matched 0 Ambiguous 0 Only here 1 Only there 1 Cannot be taken over 1" in page
    assert "1024" in page
    assert "Approve and carry out" in page
    assert scene.titles_here() == ["only here"]


@pytest.mark.usefixtures("workers")
def test_of_two_who_approve_the_second_is_told(scene: Scene, steward: Client) -> None:
    scene.there("a")
    plan = scene.sync(dry_run=True).run
    assert "Approved" in pressed(steward, "approve_run", plan.pk)
    assert scene.titles_here() == ["a"]
    assert "does not wait for approval any more" in pressed(steward, "approve_run", plan.pk)
    assert "1 carried out, 0 dropped" in opened(steward, "run", plan.pk)


def test_a_discarded_plan_writes_nothing(scene: Scene, steward: Client) -> None:
    scene.there("a")
    plan = scene.sync(dry_run=True).run
    assert "Discarded. Nothing was written." in pressed(steward, "cancel_run", plan.pk)
    assert "nothing to cancel" in pressed(steward, "cancel_run", plan.pk)
    assert scene.titles_here() == []


def test_all_steps_of_a_list_are_paged(scene: Scene, steward: Client) -> None:
    for number in range(60):
        scene.there(f"task {number:02}")
    plan = scene.sync(dry_run=True).run
    assert "All 60" in opened(steward, "run", plan.pk)
    first = steward.get(reverse("console:run_steps", args=[plan.pk, "create_local"]))
    second = steward.get(first.request["PATH_INFO"] + first.context["page"].older)
    shown = [step.label for one in (first, second) for step in one.context["page"]]
    assert sorted(shown) == [f"task {number:02}" for number in range(60)]


@pytest.mark.usefixtures("workers")
def test_a_refusal_is_shown_in_the_providers_words_and_tried_again(scene: Scene, steward: Client) -> None:
    scene.sync()
    scene.here("refused")
    scene.twin.faults.add(refused())
    run = scene.sync().run
    assert "in the provider's own words" in opened(steward, "run", run.pk)
    assert "with 1 record that was given up before" in pressed(steward, "retry_run", run.pk)
    assert scene.names_there() == ["refused"]


def test_a_rollback_is_previewed_and_then_done(scene: Scene, steward: Client) -> None:
    scene.there("pulled by mistake")
    run = scene.sync().run
    assert "Was created here, is archived 1" in opened(steward, "roll_back_run", run.pk)
    assert scene.titles_here() == ["pulled by mistake"]
    assert "1 of 1 writes were taken back" in pressed(steward, "roll_back_run", run.pk)
    assert scene.titles_here() == []


@pytest.fixture
def busy_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is filed waits for the schedule."""
    monkeypatch.setattr(relay, "queue", lambda run: None)


@pytest.mark.usefixtures("busy_workers")
def test_a_large_run_is_rolled_back_by_a_worker(scene: Scene, steward: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "MOST_AT_ONCE", 1)
    for name in ("a", "b"):
        scene.there(name)
    run = scene.sync().run
    page = opened(steward, "roll_back_run", run.pk)
    assert "This run made 2 writes" in page
    assert "Roll back in the background" in page
    steward.post(reverse("console:roll_back_run", args=[run.pk]))
    undo = JobExecution.objects.get(rolls_back=run)
    assert (undo.status, scene.titles_here()) == ("PENDING", ["a", "b"])
    assert "This run is being rolled back already" in opened(steward, "roll_back_run", run.pk)
    schedule.start_pending()
    assert "2 of 2 writes looked at: 2 taken back, 0 left alone" in opened(steward, "run", undo.pk)
    assert scene.titles_here() == []


@pytest.mark.usefixtures("busy_workers")
def test_a_cancelled_rollback_goes_on_where_it_broke_off(scene: Scene, steward: Client) -> None:
    scene.there("a")
    undo = rollback.file(scene.sync().run, cause="")
    assert "Cancelled before it began" in pressed(steward, "cancel_run", undo.pk)
    assert scene.titles_here() == ["a"]
    assert "It goes on where it broke off" in pressed(steward, "retry_run", undo.pk)
    again = JobExecution.objects.get(retry_of=undo)
    assert again.rolls_back == undo.rolls_back
    schedule.start_pending()
    assert scene.titles_here() == []


def test_a_run_that_wrote_nothing_has_nothing_to_take_back(scene: Scene, steward: Client) -> None:
    run = scene.sync().run
    assert "This run wrote nothing" in opened(steward, "roll_back_run", run.pk)
    assert "nothing was written" in opened(steward, "run", run.pk)


def test_runs_of_others_are_not_found(scene: Scene, stranger: Client) -> None:
    run = scene.sync().run
    for name in PAGES:
        assert stranger.get(reverse(f"console:{name}", args=[run.pk])).status_code == 404
    for name in ("approve_run", "cancel_run", "retry_run", "roll_back_run"):
        assert stranger.post(reverse(f"console:{name}", args=[run.pk])).status_code == 404
    assert "Nothing has run yet" in opened(stranger, "runs")


def test_runs_are_filtered(scene: Scene, steward: Client) -> None:
    scene.sync()
    JobExecution.objects.update(status="FAILED")
    assert "Manual sync" in opened(steward, "runs", status="FAILED")
    assert "No run fits these filters" in opened(steward, "runs", status="COMPLETED")
