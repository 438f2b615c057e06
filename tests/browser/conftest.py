"""The console in a real browser: a live server, a steward who is logged in, the Asana twin, and pictures to look at.

    def test_something(desk: Desk) -> None:
        desk.scene.there("a task")
        desk.open("integrations")
        desk.page.get_by_role("link", name="Asana").click()
        desk.looks_right("integration")          # axe, and pictures in light, dark and phone width

Playwright drives Debian's chromium (or the one that `CHROMIUM` names). Without one the tests are skipped, which
the summary says.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import Group, User
from django.db import connection

from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.server import Server
from records.models import Membership
from sync_engine import tasks
from tests.browser.desk import Desk
from tests.engine.conftest import server, twin
from tests.engine.scene import Scene

__all__ = ["server", "twin"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next((path for path in map(shutil.which, NAMES) if path), None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = chromium()
    terminalreporter.write_line(f"browser: {found}" if found else "NO BROWSER: tests/browser was skipped")


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    found = chromium()
    if found is None:
        pytest.skip("no chromium: install it (apt-get install chromium), or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django would take every query here for one inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are carried out as soon as they are queued, with arguments that went through JSON."""

    def at_once(args: list[Any], retry: bool = True, **_: Any) -> Any:
        return tasks.sync.apply(args=json.loads(json.dumps(args)), throw=True)

    monkeypatch.setattr(tasks.sync, "apply_async", at_once)


@pytest.fixture
def desk(
    browser: Any, live_server: Any, twin: AsanaTwin, server: Server, workers: None, settings: Any
) -> Iterator[Desk]:
    """A steward at the console of an organization that has its Asana twin."""
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    scene = Scene(twin, server)
    user = User.objects.create_superuser("dana", "dana@example.org", "dana")
    user.groups.add(Group.objects.get_or_create(name="WEB_STEWARD")[0])
    Membership.objects.create(user=user, organization=scene.organization)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin", locale="en-GB")
    context.set_default_timeout(10_000)
    desk = Desk(context.new_page(), live_server.url, scene, project.VAR_DIR / "screenshots")
    desk.log_in("dana", "dana")
    yield desk
    context.close()
    _come_to_rest()
    assert desk.faults == []


def _come_to_rest() -> None:
    """A live part may be asked for at the very end; emptying the tables would lock against its queries."""
    for _ in range(50):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND state <> 'idle' AND backend_type = 'client backend'"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)
