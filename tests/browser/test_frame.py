"""The frame: sidebar, language, and pages with nothing on them."""

from __future__ import annotations

from tests.browser.desk import Desk


def test_pages_of_an_empty_console(desk: Desk) -> None:
    desk.scene.asana.delete()
    for name in ("dashboard", "integrations", "runs", "logs"):
        desk.open(name)
        desk.looks_right(f"empty-{name}")
