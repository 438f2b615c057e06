"""Rules in the admin: changed, switched off, never showing a secret. Alerts and messages: looked at, taken care of."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from integrations.health import check_all
from integrations.models import Alert, AlertRule, HealthSnapshot, Notification
from tests.admin.pages import address, text, told
from tests.engine.scene import Scene
from tests.health.conftest import Clock, Slack, _no_worker, clock, slack
from tests.health.factories import BrokenRunFactory

__all__ = ["_no_worker", "clock", "slack"]
SECRET = "https://hooks.slack.com/services/s3cr3t"


@pytest.fixture
def down(scene: Scene, slack: Slack, clock: Clock) -> Scene:
    BrokenRunFactory.create_batch(3, integration=scene.asana)
    check_all(clock.now())
    return scene


def form(rule: AlertRule, **changes: Any) -> dict[str, Any]:
    given = {
        "name": rule.name, "enabled": "on", "metric": rule.metric, "operator": rule.operator,
        "threshold": rule.threshold, "severity": rule.severity, "channels": rule.channels, "cooldown": rule.cooldown,
    }  # fmt: skip
    return {**given, **changes}


def test_a_rule_is_changed_and_its_slack_address_is_not_shown_again(scene: Scene, steward: Client) -> None:
    rule = AlertRule.objects.get(organization=scene.organization, key="integration-down")
    place = address(AlertRule, "change", rule.pk)
    answer = steward.post(place, form(rule, threshold=5, channels=["slack"], slack_url=SECRET), follow=True)
    assert "was changed successfully" in told(answer)
    rule.refresh_from_db()
    assert (rule.threshold, rule.channels, rule.slack_webhook) == (5, ["slack"], {"url": SECRET})
    assert "s3cr3t" not in text(steward, AlertRule, "change", rule.pk) + text(steward, AlertRule)
    steward.post(place, form(rule))
    rule.refresh_from_db()
    assert rule.slack_webhook == {"url": SECRET}
    steward.post(place, form(rule, forget_slack="on"))
    rule.refresh_from_db()
    assert rule.slack_webhook is None


def test_rules_that_came_along_are_switched_off_and_not_deleted(scene: Scene, steward: Client) -> None:
    rule = AlertRule.objects.get(organization=scene.organization, key="sync-lag")
    assert steward.get(address(AlertRule, "delete", rule.pk)).status_code == 403
    assert "delete_selected" not in text(steward, AlertRule)
    steward.post(address(AlertRule), {"action": "switch_off", "_selected_action": [rule.pk]})
    rule.refresh_from_db()
    assert rule.enabled is False
    own = AlertRule.objects.create(organization=scene.organization, name="own", metric="stopped", threshold=1)
    assert steward.post(address(AlertRule, "delete", own.pk), {"post": "yes"}).status_code == 302
    assert not AlertRule.objects.filter(pk=own.pk).exists()


def test_a_stranger_sees_nothing(down: Scene, stranger: Client) -> None:
    for model in (AlertRule, Alert, Notification, HealthSnapshot):
        mine = [row for row in model.objects.all() if str(down.organization.pk) in _organizations(row)]
        assert mine
        assert address(model, "change", mine[0].pk) not in text(stranger, model)
        assert stranger.get(address(model, "change", mine[0].pk)).status_code == 302


def _organizations(row: Any) -> str:
    return str(getattr(row, "organization_id", None) or row.integration.organization_id)


def test_an_alert_says_what_to_do_and_is_acknowledged(down: Scene, steward: Client) -> None:
    alert = Alert.objects.get(name="Integration Down")
    page = text(steward, Alert, "change", alert.pk)
    assert "Open the newest run" in page
    assert "slack" in page
    answer = steward.post(address(Alert), {"action": "acknowledge", "_selected_action": [alert.pk]}, follow=True)
    assert told(answer) == "1 alert acknowledged."
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("ACKNOWLEDGED", "steward")


def test_a_message_that_was_given_up_is_sent_again(down: Scene, steward: Client) -> None:
    Notification.objects.update(status="FAILED", error="The mail server refused our log-in. Check EMAIL_URL.")
    row = Notification.objects.earliest("pk")
    assert "Check EMAIL_URL" in text(steward, Notification)
    answer = steward.post(address(Notification), {"action": "send_again", "_selected_action": [row.pk]}, follow=True)
    assert told(answer) == "1 message is sent again."
    row.refresh_from_db()
    assert (row.status, row.error) == ("PENDING", "")


def test_health_is_shown_in_words(down: Scene, steward: Client) -> None:
    page = text(steward, HealthSnapshot, "change", HealthSnapshot.objects.get().pk)
    assert "3 of 3 syncs failed" in page
