"""Review of conflicts in the browser: from log-in to the changed record at the twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from conflicts.models import ConflictResolution
from records.models import Task
from sync_engine import tasks
from tests.api.test_suggestions import decided
from tests.browser.desk import Desk

LONG = "Bring the tall ladder and the blue paint. Ring at the side door, the owner sleeps until nine."


@pytest.fixture
def gid(desk: Desk) -> str:
    """A task of which both sides changed title, notes and due date; the last agreed values stand between."""
    scene = desk.scene
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    task = scene.here("Paint the fence", description=LONG, dueDate="2026-12-01")
    scene.sync()
    gid = scene.twin.store.live("tasks")[0].id
    ours = LONG.replace("tall ladder", "short ladder")
    scene.edit_here(task, {"title": "Paint the fence white", "description": ours, "dueDate": "2026-12-03"})
    theirs = LONG.replace("blue paint", "white paint, two cans")
    scene.edit_there(gid, name="Paint the fence and gate", notes=theirs, due_on=None)
    scene.sync()
    return gid


def entry(desk: Desk, gid: str) -> dict[str, object]:
    return dict(desk.scene.twin.store.get("tasks", gid).fields)


def test_merging_field_by_field_changes_the_record_at_the_twin(desk: Desk, gid: str) -> None:
    page = desk.page
    desk.open("conflicts")
    desk.looks_right("conflicts")
    page.get_by_role("link", name="Paint the fence white").click()
    desk.looks_right("conflict")
    page.locator("input[name=pick_title][value=external]").check()
    page.locator("input[name=pick_description][value=own]").check()
    page.locator("[name=own_description]").fill("Bring both ladders.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#cf-merged")).to_contain_text("Bring both ladders.")
    desk.looks_right("conflict-preview")
    page.locator("#cf-merged").get_by_role("button", name="Use your selection").click()
    expect(page.locator("body")).to_contain_text("Decided.")
    expect(page.locator("body")).to_contain_text("Nothing waits for you")
    desk.scene.sync()
    there = entry(desk, gid)
    assert (there["name"], there["notes"], there["due_on"]) == (
        "Paint the fence and gate",
        "Bring both ladders.",
        "2026-12-03",
    )
    task = Task.objects.get()
    assert (task.title, task.description, str(task.due_date)) == (there["name"], there["notes"], there["due_on"])
    desk.open("conflict", ConflictResolution.objects.get().pk)
    desk.looks_right("conflict-decided")


def test_a_side_that_moved_is_shown_before_anything_is_written(desk: Desk, gid: str) -> None:
    page = desk.page
    case = ConflictResolution.objects.get()
    desk.open("conflict", case.pk)
    desk.scene.edit_there(gid, name="Moved on")
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.locator("body")).to_contain_text("a side has changed since you looked")
    expect(page.locator("body")).to_contain_text("Moved on")
    assert Task.objects.get().title == "Paint the fence white"
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.locator("body")).to_contain_text("Decided.")
    assert Task.objects.get().title == "Moved on"


def test_keys_lead_through_the_cases(desk: Desk, gid: str) -> None:
    page, scene = desk.page, desk.scene
    other = scene.there("Mow the lawn")
    scene.sync()
    scene.edit_here(Task.objects.get(title="Mow the lawn").pk, {"title": "Mow the lawn twice"})
    scene.edit_there(other, name="Mow no lawn")
    scene.sync()
    ConflictResolution.objects.filter(external_id=gid).update(created_at=timezone.now() - timedelta(hours=2))
    desk.open("conflicts")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mow the lawn twice")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Paint the fence white")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Mow the lawn twice")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Decided.")
    assert sorted(scene.titles_here()) == ["Mow no lawn", "Paint the fence white"]


def test_the_loser_is_brought_back_without_a_script(desk: Desk, gid: str) -> None:
    scene = desk.scene
    plain = desk.page.context.browser.new_context(java_script_enabled=False)
    plain.add_cookies(desk.page.context.cookies())
    page = plain.new_page()
    case = ConflictResolution.objects.get()
    page.goto(f"{desk.url}/dashboard/admin/integrations/conflicts/{case.pk}")
    page.get_by_role("button", name="Keep theirs").click()
    scene.sync()
    page.goto(f"{desk.url}/dashboard/admin/integrations/conflicts/{case.pk}")
    page.get_by_role("button", name="Open again").click()
    page.locator("input[name=pick_title][value=then_local]").check()
    page.locator("#cf-merged").get_by_role("button", name="Use your selection").click()
    scene.sync()
    assert entry(desk, gid)["name"] == "Paint the fence white"
    assert Task.objects.get().title == "Paint the fence white"
    plain.close()


@pytest.fixture
def decided_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker stands ready for decisions on many."""
    monkeypatch.setattr(tasks.decide_many, "apply_async", lambda args, **_: tasks.decide_many.apply(args=args))


def test_many_are_decided_as_previewed(desk: Desk, gid: str, decided_at_once: None) -> None:
    page, scene = desk.page, desk.scene
    others = [scene.there(f"Mow lawn {n}") for n in range(3)]
    scene.sync()
    for n, other in enumerate(others):
        scene.edit_here(Task.objects.get(title=f"Mow lawn {n}").pk, {"title": f"Mow lawn {n} twice"})
        scene.edit_there(other, name=f"Mow no lawn {n}")
    scene.sync()
    desk.open("conflicts")
    page.get_by_role("link", name="Decide many").click()
    desk.looks_right("conflicts-many")
    page.get_by_label("Take Asana's value").check()
    page.get_by_role("button", name="Show every write").click()
    expect(page.locator("#bulk-status")).to_have_text("Waiting for approval")
    desk.looks_right("conflicts-bulk-preview")
    page.get_by_role("button", name="Carry out 4 decisions").click()
    expect(page.locator("#bulk-status")).to_have_text("Done")
    desk.looks_right("conflicts-bulk-done")
    assert sorted(scene.titles_here()) == sorted(scene.names_there())
    desk.open("conflicts")
    expect(page.locator("body")).to_contain_text("Nothing waits for you")


def test_a_habit_is_made_a_rule(desk: Desk, gid: str) -> None:
    page = desk.page
    decided(desk.scene.asana, "EXTERNAL", 41)
    decided(desk.scene.asana, "LOCAL", 2)
    desk.open("conflict", ConflictResolution.objects.get(status="PENDING").pk)
    expect(page.locator("body")).to_contain_text("In 41 of 43 cases you kept Asana's due date.")
    page.get_by_role("link", name="Make a rule of it").click()
    page.get_by_text("Where the rule would have decided otherwise").click()
    desk.looks_right("conflicts-suggestions")
    page.get_by_role("button", name="Make it a rule").click()
    expect(page.locator("body")).to_contain_text("Rules in force")
    desk.scene.sync()
    case = ConflictResolution.objects.get(status="PENDING")
    assert case.conflicted_fields == ["description", "title"]
    assert Task.objects.get().due_date is None
