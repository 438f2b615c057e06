"""A secret is seen nowhere but in its column."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import path
from django.utils import timezone
from rest_framework.test import APIClient

from automations.models import Hook
from config.logs import JsonFormatter
from config.urls import urlpatterns as project_urls
from connectors.base.sandbox.faults import Fault
from integrations.models import AlertRule, IntegrationDraft, OAuthAttempt, OAuthGrant
from integrations.rotation import columns
from records import tokens
from records.models import Membership
from sync_engine.bench import tasks as _tasks  # noqa: F401 - a module of the engine, loaded before logs are heard
from tests.api.conftest import steward
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene
from tests.security.canary import CANARY, Ears, answers, dump, hidden_in, pages, superuser

__all__ = ["scene", "server", "twin", "whole_runs"]


def explode(request: Any) -> Any:
    credentials, known = {"token": CANARY}, CANARY
    raise RuntimeError(f"boom {len(credentials) + len(known)}")


urlpatterns = [path("explode", explode), *project_urls]


@pytest.fixture
def heard() -> Iterator[Ears]:
    ears, root = Ears(JsonFormatter()), logging.getLogger()
    level = root.level
    root.addHandler(ears)
    root.setLevel(logging.DEBUG)
    yield ears
    root.removeHandler(ears)
    root.setLevel(level)


@pytest.fixture
def planted(scene: Scene, heard: Ears) -> Scene:
    """The canary stands in every encrypted column of every model."""
    client = steward(scene.organization)
    scene.twin.settings["tokens"] = {CANARY: "1201110000000001"}
    user = Membership.objects.get(organization=scene.organization).user
    now = timezone.now()
    secret = {"token": CANARY, "current": CANARY, "access": CANARY, "url": f"https://hooks.slack.com/{CANARY}"}
    scene.asana.credentials, scene.asana.webhook_secret = secret, secret  # type: ignore[assignment]
    scene.asana.save()
    OAuthGrant.objects.create(integration=scene.asana, tokens=secret)
    OAuthAttempt.objects.create(integration=scene.asana, user=user, secret=secret, created_at=now, expires_at=now)
    IntegrationDraft.objects.create(
        organization=scene.organization, owner=user, type="ASANA", answers={"name": "Draft"}, credentials=secret
    )
    rule = AlertRule.objects.filter(organization=scene.organization).first()
    assert rule is not None
    rule.slack_webhook = secret  # type: ignore[assignment]
    rule.save()
    Hook.objects.create(
        organization=scene.organization, url=f"https://hooks.example/{CANARY}", url_hint="hooks.example", secret=secret
    )
    scene.client = client  # type: ignore[attr-defined]
    return scene


def test_every_encrypted_column_holds_it(planted: Scene) -> None:
    for model, column in columns():
        rows = model._base_manager.all()
        assert any(CANARY in str(getattr(row, column)) for row in rows), f"plant it in {model.__name__}.{column} too"


def test_it_is_in_no_answer_page_log_or_row(planted: Scene, heard: Ears) -> None:
    _trouble(planted)
    assert _leaks(planted, heard) == []


def test_the_search_would_find_it(planted: Scene, heard: Ears) -> None:
    planted.asana.name = f"Asana {CANARY}"
    planted.asana.save()
    planted.sync()
    logging.getLogger("somewhere").debug("calling with %s", CANARY)
    found = " ".join(_leaks(planted, heard))
    one = f"/api/admin/integrations/{planted.asana.pk}"
    for place in (
        f"get {one}",
        "/dashboard/admin/integrations",
        "table integrations_integration",
        "log {",
    ):
        assert place in found


def _leaks(planted: Scene, heard: Ears) -> list[str]:
    client: APIClient = planted.client  # type: ignore[attr-defined]
    ids = {"integration_id": str(planted.asana.pk), "resource_type": "TASK"}
    ids["run_id"] = str(planted.asana.job_executions.latest("started_at").pk)
    seen = dict(answers(client, ids))
    seen |= dict(pages(superuser()))
    seen["schema"] = client.get("/api/schema/").content
    leaks = [where for where, body in seen.items() if hidden_in(body)]
    leaks += [f"table {table}" for table, rows in dump() if hidden_in(rows)]
    leaks += [f"log {line[:300]}" for line in heard.lines if hidden_in(line)]
    assert len(seen) > 150, "pages or addresses are not found any more"
    return leaks


def _trouble(planted: Scene) -> None:
    """Runs, edits, webhooks and providers that quote what they were sent."""
    planted.there("a task")
    assert not planted.sync().failed
    planted.here("ours")
    for kind, params in (
        ("server_error", {"status": 400, "message": f"bad token {CANARY}"}),
        ("server_error", {"status": 401, "message": f"token {CANARY} is revoked"}),
        ("server_error", {"status": 500, "message": CANARY}),
        ("html", {}),
        ("refused", {}),
    ):
        planted.twin.faults.add(Fault(kind, ("", ""), 4, params=params))
        planted.sync()
        planted.twin.faults.clear()
    http, url = Client(raise_request_exception=False), planted.asana.webhook_endpoint
    for headers in ({"Authorization": f"Bearer {CANARY}"}, {"X-Hook-Signature": CANARY}, {"X-Hook-Secret": CANARY}):
        http.post(url, b"{}", content_type="application/json", headers=headers)
    with suppress(SystemExit):  # it says by its status that something is wrong
        call_command("check_integration", planted.asana.name, stdout=StringIO(), stderr=StringIO())


def test_an_unexpected_error_says_nothing_of_it(
    planted: Scene, heard: Ears, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.ROOT_URLCONF, settings.ADMINS = __name__, [("Ops", "ops@example.org")]
    answer = Client(raise_request_exception=False).get("/explode", headers={"Authorization": f"Bearer {CANARY}"})
    assert answer.status_code == 500
    assert "RuntimeError: boom" in "".join(heard.lines)
    told = [str(answer.content), *heard.lines, *(mail.body for mail in mailoutbox)]
    assert [one for one in told if hidden_in(one)] == []


def test_a_mailed_report_has_no_variables(settings: Any, rf: Any) -> None:
    import sys

    from django.views.debug import ExceptionReporter

    settings.DEBUG = False
    request = rf.get("/explode", HTTP_AUTHORIZATION=f"Bearer {CANARY}")
    try:
        explode(request)
    except RuntimeError:
        report = ExceptionReporter(request, *sys.exc_info())
        assert not hidden_in(report.get_traceback_text() + report.get_traceback_html())


def test_a_token_of_the_api_is_nowhere_either(scene: Scene, heard: Ears) -> None:
    client = steward(scene.organization)
    user = Membership.objects.get(organization=scene.organization).user
    token = tokens.issue(user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    client.get("/api/admin/integrations")
    client.get("/api/admin/integrations", {"token": token})
    assert [table for table, rows in dump() if token in rows] == []
    assert [line for line in heard.lines if token in line] == []


def test_commands_do_not_print_it(planted: Scene) -> None:
    said = StringIO()
    for command in (["check_integration", planted.asana.name], ["sync", planted.asana.name], ["rotate_keys"]):
        with suppress(SystemExit):
            call_command(*command, stdout=said, stderr=said)
    assert not hidden_in(said.getvalue())
