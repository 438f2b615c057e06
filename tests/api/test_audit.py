"""The audit log through the API, of everything that people do there."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from sync_engine import tasks
from tests.admin.conftest import staff
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

LOG = "/api/admin/audit"
LIST = "/api/admin/integrations"


def actions(client: APIClient, **filters: Any) -> list[str]:
    answer = client.get(LOG, filters)
    assert answer.status_code == 200, answer.content
    return [entry["action"] for entry in answer.json()["entries"]]


def test_what_was_done_is_listed_newest_first(
    scene: Scene, client: APIClient, new_integration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.sync, "apply_async", lambda *_, **__: None)
    scene.asana.sync_direction = new_integration["syncDirection"] = "EXTERNAL_TO_LOCAL"
    scene.asana.save()
    made = client.post(LIST, {**new_integration, "settings": scene.asana.settings}).json()["integration"]
    one = f"{LIST}/{made['id']}"
    client.put(one, {"status": "PAUSED", "credentials": {"token": "sandbox-token"}})
    client.put(one, {"status": "ACTIVE"})
    plan = scene.sync(dry_run=True).run
    client.post(f"/api/admin/runs/{plan.pk}/apply")
    client.delete(one)
    done = actions(client)
    assert done[0] == "integration.deleted"
    assert {"integration.created", "mapping.created", "integration.changed", "run.asked", "run.plan_applied"} <= set(
        done
    )
    assert actions(client, targetId=made["id"], action="integration")[-1] == "integration.created"
    first = client.get(LOG, {"action": "integration.created"}).json()["entries"][0]
    assert (first["actor"], first["via"], first["target"]) == ("dana", "api", new_integration["name"])
    assert "sandbox-token" not in client.get(LOG, {"limit": 200}).content.decode()


def test_pages_go_on_by_cursor(client: APIClient, scene: Scene) -> None:
    for status in ("PAUSED", "ACTIVE", "PAUSED"):
        client.put(f"{LIST}/{scene.asana.pk}", {"status": status})
    page = client.get(LOG, {"limit": 2}).json()
    rest = client.get(LOG, {"limit": 2, "cursor": page["pagination"]["nextCursor"]}).json()
    assert page["pagination"]["hasMore"]
    assert page["entries"][-1]["id"] > rest["entries"][0]["id"]


def test_another_organization_sees_none_of_it(client: APIClient, scene: Scene) -> None:
    client.put(f"{LIST}/{scene.asana.pk}", {"status": "PAUSED"})
    assert actions(client, action="integration") == ["integration.changed"]
    assert actions(steward(OrganizationFactory(), "eve"), action="integration") == []


def test_it_is_only_read(client: APIClient) -> None:
    assert {client.post(LOG, {}).status_code, client.delete(LOG).status_code, client.put(LOG, {}).status_code} == {405}


@pytest.mark.parametrize("mine", [True, False])
def test_the_console_shows_it_to_stewards_of_the_organization(client: APIClient, scene: Scene, mine: bool) -> None:
    client.put(f"{LIST}/{scene.asana.pk}", {"status": "PAUSED"})
    from django.contrib.auth.models import Group, User

    browser: Client = staff("reader", scene.organization if mine else OrganizationFactory())
    User.objects.get(username="reader").groups.add(Group.objects.get(name="WEB_STEWARD"))
    page = browser.get("/dashboard/admin/records/auditentry/")
    assert (page.status_code, b"integration.changed" in page.content) == (200, mine)


def test_the_log_is_taken_away_as_a_file(client: APIClient, scene: Scene) -> None:
    for name in ("=cmd|calc", "Asana"):
        client.put(f"{LIST}/{scene.asana.pk}", {"name": name})
    answer = client.get(f"{LOG}/export", {"action": "integration"}, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="lockstep-audit-')
    newest, older = csv.DictReader(StringIO(answer.getvalue().decode()))
    assert (newest["action"], newest["actor"], newest["via"]) == ("integration.changed", "dana", "api")
    assert json.loads(newest["after"]) == {"name": "Asana"}
    assert older["target"] == "'=cmd|calc"
    stranger = steward(OrganizationFactory(), "stranger")
    assert stranger.get(f"{LOG}/export").getvalue().decode().count("integration.changed") == 0
    assert steward(scene.organization, "guest", role="").get(f"{LOG}/export").status_code == 403


def test_the_log_is_taken_away_as_a_pdf(client: APIClient, scene: Scene) -> None:
    answer = client.get(f"{LOG}/export", {"format": "pdf"})
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert answer["Content-Disposition"].endswith('.pdf"')
    assert client.get(f"{LOG}/export", {"format": "doc"}).status_code == 400
    assert steward(scene.organization, "guest", role="").get(f"{LOG}/export", {"format": "pdf"}).status_code == 403


def test_changes_of_alert_rules_are_kept_without_their_secret(client: APIClient, scene: Scene) -> None:
    rule = next(one for one in client.get(f"{LIST}/alert-rules").json()["rules"] if one["name"] == "Sync Lag")
    client.put(
        f"{LIST}/alert-rules/{rule['id']}", {"threshold": 90, "slackWebhookUrl": "https://hooks.slack.com/s3cr3t"}
    )
    (entry,) = client.get(LOG, {"action": "alert_rule"}).json()["entries"]
    assert (entry["action"], entry["target"], entry["before"]["threshold"]) == ("alert_rule.changed", "Sync Lag", 120)
    assert entry["after"]["threshold"] == 90
    assert "s3cr3t" not in str(entry)
