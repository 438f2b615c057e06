"""The frame: sidebar, language, and pages with nothing on them."""

from __future__ import annotations

from tests.browser.desk import Desk


def test_pages_of_an_empty_console(desk: Desk) -> None:
    desk.scene.asana.delete()
    for name in ("dashboard", "integrations", "runs", "logs"):
        desk.open(name)
        desk.looks_right(f"empty-{name}")


def test_the_menu_of_the_account_is_reached_by_keyboard_and_times_are_local(desk: Desk) -> None:
    desk.scene.sync()
    desk.open("integration", desk.scene.asana.pk)
    opener = desk.page.locator("#nav-sidebar [role=button]").filter(has_text="dana")
    opener.focus()
    desk.page.keyboard.press("Enter")
    desk.page.get_by_role("link", name="Language and time zone").click()
    desk.looks_right("preferences")
    desk.page.get_by_label("Time zone").select_option("Asia/Tokyo")
    desk.page.get_by_label("Language").select_option("es")
    desk.page.get_by_role("button", name="Save").click()
    desk.open("integration", desk.scene.asana.pk)
    assert desk.page.locator("html").get_attribute("lang") == "es"
    assert "JST" in str(desk.page.locator("time").first.get_attribute("title"))


def test_a_token_is_made_and_revoked(desk: Desk) -> None:
    desk.open("tokens")
    desk.page.get_by_role("button", name="New token").click()
    assert "lks_" in desk.page.locator("pre").inner_text()
    desk.looks_right("tokens")
    desk.page.get_by_role("button", name="Revoke").click()
    assert "Revoked." in desk.said()
