"""From the dashboard to an integration, its tabs and its buttons."""

from __future__ import annotations

from tests.browser.desk import Desk

TABS = ("integration", "integration_logs", "integration_mappings", "integration_conflicts", "integration_deliveries",
        "integration_runs", "integration_settings")  # fmt: skip


def test_every_tab_of_an_integration_can_be_read_by_everybody(desk: Desk) -> None:
    for name in ("Fix the roof", "Call the office", "Order 12 bolts"):
        desk.scene.there(name)
    desk.scene.sync()
    for tab in TABS:
        desk.open(tab, desk.scene.asana.pk)
        desk.looks_right(tab)
    desk.open("dashboard")
    desk.looks_right("dashboard")
    desk.open("delete_integration", desk.scene.asana.pk)
    desk.looks_right("delete_integration")
