"""From "Add integration" to the first sync, in a browser."""

from __future__ import annotations

from connectors.asana.sandbox.twin import PROJECT
from integrations.models import Integration
from records.models import Task
from tests.browser.desk import Desk


def test_a_manager_connects_asana_and_approves_the_first_sync(desk: Desk) -> None:
    desk.scene.there("buoys")
    desk.scene.here("anchors")
    desk.scene.elsewhere()
    page = desk.page
    desk.open("add")
    desk.looks_right("wizard-1-tool")
    page.get_by_role("button", name="Asana").click()
    page.get_by_label("Name", exact=False).first.fill("Main workspace")
    page.get_by_label("Address of the API").fill(desk.scene.server.url_of("asana"))
    desk.looks_right("wizard-2-basics")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_role("alert").get_by_text("refused these credentials").wait_for()
    desk.looks_right("wizard-3-refused")
    page.get_by_label("Token").fill("sandbox-token")
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_text("The connection works").wait_for()
    page.get_by_label("Project").select_option(PROJECT)
    desk.looks_right("wizard-4-sync")
    page.get_by_role("button", name="Continue").click()
    desk.looks_right("wizard-5-review")
    page.get_by_role("button", name="Create and preview the first sync").click()
    page.get_by_text("“Main workspace” is set up.").wait_for()
    desk.looks_right("wizard-6-created")
    made = Integration.objects.get(name="Main workspace")
    assert made.job_executions.get().status == "AWAITING_APPROVAL"
    page.get_by_role("link", name="See the plan of the first sync").click()
    desk.looks_right("wizard-7-plan")
    page.get_by_role("button", name="Approve").first.click()
    page.wait_for_load_state()
    assert sorted(Task.objects.values_list("title", flat=True)) == ["anchors", "buoys"]
    assert desk.scene.names_there() == ["anchors", "buoys"]
