"""The mapping editor in a browser: pick two fields, see the sample, save."""

from __future__ import annotations

from integrations.models import FieldMapping
from tests.browser.desk import Desk


def test_a_manager_adds_a_rule_and_sees_what_it_does(desk: Desk) -> None:
    desk.scene.there("buoys", start_on="2026-05-01", due_on="2026-05-02")
    page = desk.page
    desk.open("integration_rules", desk.scene.asana.pk)
    desk.looks_right("fields")
    page.get_by_role("link", name="Edit").first.click()
    page.locator('[data-path="start_on"][data-column="external"]').click()
    page.locator('[data-path="startDate"][data-column="internal"]').click()
    rule = (
        page.locator("[data-rule]")
        .filter(has=page.locator('[value="start_on"]'))
        .or_(page.locator("[data-rule]").nth(5))
        .first
    )
    rule.locator("[data-kind]").select_option("date")
    page.locator("#preview").get_by_text("2026-05-01").first.wait_for()
    desk.looks_right("mapping-editor")
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_text("Saved. The next sync").wait_for()
    latest = FieldMapping.objects.filter(resource_type="task").latest("version")
    assert latest.version == 2
    assert "startDate" in {one["internalField"] for one in latest.document["externalToInternal"]}
    desk.open("mapping_versions", desk.scene.asana.pk, "task")
    desk.looks_right("mapping-versions")
