"""Alerts, their rules, and the messages about them, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from integrations.health import check_all
from integrations.models import Alert, AlertRule, Integration, Notification
from integrations.notify.delivery import deliver_due
from tests.api.conftest import _no_calls_so_far, steward
from tests.health.conftest import Clock, Slack, _no_worker, clock, slack
from tests.health.factories import BrokenRunFactory, ConflictFactory, IntegrationFactory
from tests.records.factories import OrganizationFactory

__all__ = ["_no_calls_so_far", "_no_worker", "clock", "slack"]
pytestmark = pytest.mark.django_db
URL = "/api/admin/integrations"
RULE = {
    "name": "Some Conflicts",
    "metric": "pendingConflicts",
    "operator": ">=",
    "threshold": 1,
    "severity": "INFO",
    "channels": ["dashboard", "slack", "dashboard"],
    "cooldown": 15,
    "slackWebhookUrl": "https://hooks.slack.com/services/s3cr3t",
}


@pytest.fixture
def integration(slack: Slack, clock: Clock) -> Integration:
    """Down, and checked."""
    made: Integration = IntegrationFactory(name="Main Asana Workspace")
    BrokenRunFactory.create_batch(3, integration=made)
    check_all(clock.now())
    return made


@pytest.fixture
def client(integration: Integration) -> APIClient:
    return steward(integration.organization)


def down(client: APIClient) -> dict[str, Any]:
    return next(one for one in client.get(f"{URL}/alerts").json()["alerts"] if one["name"] == "Integration Down")


def test_open_alerts_are_listed_with_what_to_do(client: APIClient, integration: Integration) -> None:
    body = client.get(f"{URL}/alerts").json()
    assert {one["name"] for one in body["alerts"]} == {"Integration Down", "High Error Rate"}
    assert body["pagination"]["total"] == 2
    shown = down(client)
    assert (shown["integrationId"], shown["integrationName"]) == (str(integration.pk), "Main Asana Workspace")
    assert (shown["severity"], shown["status"], shown["metric"]) == ("CRITICAL", "OPEN", "consecutiveFailures")
    assert (shown["operator"], shown["threshold"], shown["value"]) == (">=", 3, 3)
    assert "Open the newest run" in shown["sentence"]
    assert client.get(f"{URL}/alerts", {"severity": "INFO"}).json()["alerts"] == []
    assert client.get(f"{URL}/alerts", {"status": "RESOLVED"}).json()["alerts"] == []
    assert client.get(f"{URL}/alerts", {"status": "no such"}).status_code == 400


def test_an_alert_shows_what_became_of_its_messages(client: APIClient, slack: Slack, clock: Clock) -> None:
    slack.answers = [(500, {}, "oh")]
    deliver_due(clock.now)
    (sent,) = client.get(f"{URL}/alerts/{down(client)['id']}").json()["alert"]["notifications"]
    assert (sent["channel"], sent["status"], sent["attempts"]) == ("slack", "PENDING", 1)
    assert sent["nextAttemptAt"] == "2026-03-02T12:01:00Z"
    assert "Slack did not take it" in sent["error"]
    assert "s3cr3tpath" not in str(sent)


def test_an_alert_is_acknowledged_under_ones_name(client: APIClient) -> None:
    number = down(client)["id"]
    answer = client.post(f"{URL}/alerts/{number}/acknowledge")
    assert answer.status_code == 200
    shown = answer.json()["alert"]
    assert (shown["status"], shown["acknowledgedBy"]) == ("ACKNOWLEDGED", "dana")
    assert (
        client.post(f"{URL}/alerts/{number}/acknowledge").json()["alert"]["acknowledgedAt"] == shown["acknowledgedAt"]
    )
    Alert.objects.update(status="RESOLVED")
    answer = client.post(f"{URL}/alerts/{number}/acknowledge")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_resolved")


def test_a_message_that_was_given_up_is_sent_again(client: APIClient, slack: Slack, clock: Clock) -> None:
    slack.answers = [(404, {}, "no_team")]
    deliver_due(clock.now)
    (given_up,) = client.get(f"{URL}/notifications", {"status": "FAILED"}).json()["notifications"]
    place = f"{URL}/notifications/{given_up['id']}/send"
    assert client.post(place).json()["notification"]["status"] == "PENDING"
    assert client.post(place).status_code == 409
    Notification.objects.update(next_attempt_at=clock.now())
    assert deliver_due(clock.now) == 1
    assert len(slack.heard) == 2


def test_rules_are_listed_made_changed_and_deleted(client: APIClient, integration: Integration, clock: Clock) -> None:
    assert [one["builtIn"] for one in client.get(f"{URL}/alert-rules").json()["rules"]] == [True] * 5
    answer = client.post(f"{URL}/alert-rules", RULE)
    assert answer.status_code == 201, answer.json()
    made = answer.json()["rule"]
    assert (made["builtIn"], made["hasSlackWebhook"], made["channels"]) == (False, True, ["dashboard", "slack"])
    assert "s3cr3t" not in answer.content.decode()
    place = f"{URL}/alert-rules/{made['id']}"
    changed = client.put(place, {"threshold": 2, "window": 30, "slackWebhookUrl": ""}).json()["rule"]
    assert (changed["threshold"], changed["window"], changed["hasSlackWebhook"]) == (2, 30, False)
    assert changed["name"] == "Some Conflicts"
    ConflictFactory.create_batch(2, integration=integration)
    check_all(clock.pass_by(minutes=5))
    assert "Some Conflicts" in {one["name"] for one in client.get(f"{URL}/alerts").json()["alerts"]}
    assert client.delete(place).json() == {"success": True}
    assert client.get(place).status_code == 404


def test_a_rule_that_came_with_the_organization_is_switched_off_and_not_deleted(client: APIClient) -> None:
    place = f"{URL}/alert-rules/{AlertRule.objects.earliest('pk').pk}"
    answer = client.delete(place)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "built_in")
    assert client.put(place, {"enabled": False}).json()["rule"]["enabled"] is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metric": "mood"}, "metric"),
        ({"operator": "!="}, "operator"),
        ({"channels": ["pigeon"]}, "channels"),
        ({"threshold": "many"}, "threshold"),
        ({"window": 0}, "window"),
        ({"cooldown": -1}, "cooldown"),
        ({"slackWebhookUrl": "hooks"}, "slackWebhookUrl"),
        ({"name": ""}, "name"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(client: APIClient, changes: dict[str, Any], field: str) -> None:
    answer = client.post(f"{URL}/alert-rules", {**RULE, **changes})
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_another_organization_sees_none_of_it(client: APIClient, integration: Integration) -> None:
    stranger = steward(OrganizationFactory(), "stranger")
    alert, rule = Alert.objects.earliest("pk"), AlertRule.objects.get(pk=down(client)["ruleId"])
    message = Notification.objects.earliest("pk")
    assert stranger.get(f"{URL}/alerts").json()["alerts"] == []
    assert stranger.get(f"{URL}/notifications").json()["notifications"] == []
    for place in (f"alerts/{alert.pk}", f"alert-rules/{rule.pk}"):
        assert stranger.get(f"{URL}/{place}").status_code == 404
    assert stranger.post(f"{URL}/alerts/{alert.pk}/acknowledge").status_code == 404
    assert stranger.post(f"{URL}/notifications/{message.pk}/send").status_code == 404
    assert stranger.put(f"{URL}/alert-rules/{rule.pk}", {"enabled": False}).status_code == 404
    assert stranger.delete(f"{URL}/alert-rules/{rule.pk}").status_code == 404
    assert {one["id"] for one in stranger.get(f"{URL}/alert-rules").json()["rules"]}.isdisjoint({str(rule.pk)})
    guest = steward(integration.organization, "guest", role="")
    assert guest.get(f"{URL}/alerts").status_code == 403
