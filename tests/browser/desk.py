"""A person at the console: opens pages, and checks that they can be read by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.urls import reverse

from records.models import Task
from tests.engine.scene import Scene

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SERIOUS = ("serious", "critical")
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


class Desk:
    """`faults` collects what the pages' scripts complained of."""

    def __init__(self, page: Any, url: str, scene: Scene, pictures: Path) -> None:
        self.page, self.url, self.scene, self._pictures = page, url, scene, pictures
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def log_in(self, name: str, password: str) -> None:
        self.page.goto(self.url + reverse("admin:login"))
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.page.click("#login-form button[type=submit]")
        self.page.wait_for_load_state()

    def open(self, name: str, *keys: Any, query: str = "") -> None:
        """A page of the console by the name of its address."""
        self.page.goto(self.url + reverse(f"console:{name}", args=keys) + query)

    def record(self, title: str) -> str:
        """The id of a task here."""
        return str(Task.objects.get(title=title).pk)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """What is done inside draws a part of the page anew; afterwards that part is there and can be used."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            yield
        self.page.wait_for_timeout(100)  # htmx swaps after the answer, and binds what it put in a moment later
        self.page.wait_for_function(f"() => !document.querySelector('{BUSY}')")

    def said(self) -> str:
        """The messages on top of the page."""
        return str(self.page.locator("#main").inner_text())

    def looks_right(self, name: str) -> None:
        """No serious finding of axe in light and dark, nothing cut off on a phone, and a picture of each."""
        self.page.wait_for_load_state()
        for scheme in ("light", "dark"):
            self.page.evaluate("on => document.documentElement.classList.toggle('dark', on)", scheme == "dark")
            self.page.wait_for_timeout(200)  # for colours that fade into each other
            self._picture(f"{name}-{scheme}")
            found = findings(self.page)
            assert found == [], f"{name} in {scheme}: {found}"
        self.page.evaluate("document.documentElement.classList.remove('dark')")
        self.page.set_viewport_size(PHONE)
        self._picture(f"{name}-phone")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size(DESK)
        assert wide <= PHONE["width"], f"{name} is {wide} pixels wide on a phone"

    def _picture(self, name: str) -> None:
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._pictures / f"{name}.png", full_page=True)


def findings(page: Any) -> list[str]:
    """What axe finds on the whole page, the theme's frame included: rule, and the places."""
    from axe_playwright_python.sync_playwright import Axe

    answer = Axe().run(page).response
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in answer["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]
