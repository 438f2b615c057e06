"""From the dashboard to an integration, its tabs and its buttons."""

from __future__ import annotations

import re

import pytest

from integrations.enums import IntegrationStatus
from integrations.models import Integration, SyncLog
from records.models import Task
from sync_engine.undo import rollback
from tests.browser.desk import Desk

TABS = ("integration", "integration_logs", "integration_mappings", "integration_conflicts", "integration_deliveries",
        "integration_runs", "integration_settings", "delete_integration")  # fmt: skip


def press(desk: Desk, name: str) -> None:
    desk.page.locator("#content").get_by_role("button", name=name, exact=True).first.click()
    desk.page.wait_for_load_state()


def follow(desk: Desk, name: str) -> None:
    desk.page.locator("#content").get_by_role("link", name=name).first.click()
    desk.page.wait_for_load_state()


def test_every_page_of_an_integration_can_be_read_by_everybody(desk: Desk) -> None:
    for name in ("Fix the roof", "Call the office", "Order 12 bolts"):
        desk.scene.there(name)
    desk.scene.sync()
    for tab in TABS:
        desk.open(tab, desk.scene.asana.pk)
        desk.looks_right(tab)
    for name in ("dashboard", "integrations", "runs", "logs"):
        desk.open(name)
        desk.looks_right(name)


def test_a_first_sync_is_looked_at_and_then_approved(desk: Desk) -> None:
    desk.scene.there("Fix the roof")
    desk.scene.here("Call the office")
    desk.open("dashboard")
    follow(desk, "Asana")
    press(desk, "Preview")
    assert "Only there" in desk.said()
    assert "Only here" in desk.said()
    desk.page.locator("summary").get_by_text("Fix the roof").click()
    desk.looks_right("plan")
    assert desk.scene.titles_here() == ["Call the office"]
    press(desk, "Approve and carry out")
    assert "What came of it" in desk.said()
    assert desk.scene.titles_here() == ["Call the office", "Fix the roof"]
    assert desk.scene.names_there() == ["Call the office", "Fix the roof"]
    desk.looks_right("run")
    desk.open("integration", desk.scene.asana.pk)
    desk.looks_right("integration-synced")


def test_an_edit_reaches_the_provider_and_is_taken_back(desk: Desk) -> None:
    desk.scene.there("Fix the roof")
    desk.scene.sync()
    task = Task.objects.get(title="Fix the roof")
    desk.scene.edit_here(task.pk, {"title": "Fix the whole roof"})
    desk.open("explain", "task", task.pk)
    assert "Changed here since the last agreement: title" in desk.said()
    desk.looks_right("explain")
    press(desk, "Sync this record now")
    assert desk.scene.names_there() == ["Fix the whole roof"]
    assert "In step" in desk.said()
    desk.open("integration_runs", desk.scene.asana.pk)
    desk.page.locator("table.ls-table tbody tr").first.get_by_role("link").click()
    follow(desk, "Roll back")
    assert "Gets back its earlier values at the provider" in desk.said()
    desk.looks_right("rollback")
    press(desk, "Take back 1 write")
    assert desk.scene.names_there() == ["Fix the roof"]
    assert "1 of 1 writes were taken back" in desk.said()


def test_a_large_run_is_rolled_back_by_a_worker_and_watched(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "MOST_AT_ONCE", 1)
    for name in ("Fix the roof", "Call the office"):
        desk.scene.there(name)
    run = desk.scene.sync().run
    desk.open("roll_back_run", run.pk)
    assert "This run made 2 writes" in desk.said()
    desk.looks_right("rollback-large")
    press(desk, "Roll back in the background")
    desk.page.get_by_text("2 of 2 writes looked at: 2 taken back, 0 left alone").wait_for()
    assert desk.scene.titles_here() == []
    desk.looks_right("rolled-back")


def test_pausing_testing_and_deleting(desk: Desk) -> None:
    asana = desk.scene.asana
    desk.open("integration", asana.pk)
    press(desk, "Test connection")
    assert "The connection works" in desk.said()
    press(desk, "Pause")
    asana.refresh_from_db()
    assert asana.status == IntegrationStatus.PAUSED
    press(desk, "Resume")
    desk.open("integration_settings", asana.pk)
    follow(desk, "Delete")
    desk.page.get_by_label("Type the name").fill("asana")
    press(desk, "Delete for good")
    assert "This is not its name" in desk.said()
    desk.looks_right("delete-refused")
    desk.page.get_by_label("Type the name").fill("Asana")
    press(desk, "Delete for good")
    assert "No integration yet" in desk.said()
    assert not Integration.objects.filter(pk=asana.pk).exists()


def test_a_setting_is_changed_and_a_wrong_one_is_named(desk: Desk) -> None:
    desk.open("integration_settings", desk.scene.asana.pk)
    desk.page.get_by_label("How often").select_option("DAILY")
    press(desk, "Save")
    assert "Saved." in desk.said()
    desk.page.get_by_text("Connection and details").click()
    desk.page.get_by_label("New credentials").fill('{"token": "wrong"}')
    press(desk, "Save")
    assert "Nothing was saved" in desk.said()
    desk.looks_right("settings-refused")
    desk.scene.asana.refresh_from_db()
    assert desk.scene.asana.sync_frequency == "DAILY"
    assert desk.scene.asana.credentials == {"token": "sandbox-token"}


def test_a_log_opens_over_the_list_and_the_export_holds_what_is_filtered(desk: Desk) -> None:
    desk.scene.there("Fix the roof")
    desk.scene.sync()
    desk.open("logs")
    desk.page.get_by_label("Operation").select_option("CREATE")
    desk.page.wait_for_url(re.compile("operation=CREATE"))
    desk.page.get_by_role("link", name="Details").click()
    dialogue = desk.page.get_by_role("dialog")
    assert "Fix the roof" in dialogue.inner_text()
    desk.looks_right("log")
    dialogue.get_by_role("button").click()
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="Export as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 1 + SyncLog.objects.filter(operation="CREATE").count()


def test_a_run_is_seen_to_end_without_a_reload(desk: Desk) -> None:
    run = desk.scene.sync().run
    type(run).objects.filter(pk=run.pk).update(status="RUNNING", completed_at=None, duration_ms=None)
    desk.open("run", run.pk)
    assert "Running" in desk.said()
    desk.looks_right("running")
    desk.page.evaluate("window.sameDocument = true")
    type(run).objects.filter(pk=run.pk).update(status="COMPLETED", duration_ms=1200)
    desk.page.locator("#run").get_by_text("Completed").wait_for()
    assert desk.page.evaluate("window.sameDocument") is True
