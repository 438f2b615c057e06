"""What people read: R1's mail, its short form for Slack, and the end of an alert."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.health import check_all
from integrations.models import AlertRule, Integration, Notification
from integrations.notify.failures import recent
from tests.health.conftest import Clock, Slack, person
from tests.health.factories import NOW, BrokenRunFactory, ConflictFactory, IntegrationFactory, RunFactory, ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration(settings: Any) -> Integration:
    """Down, with two conflicts."""
    settings.WEBHOOK_BASE_URL = "https://lockstep.example.org/"
    made: Integration = IntegrationFactory(name="Main <b>Asana</b> & <!channel>", last_success_at=ago(hours=1))
    person(made.organization, "dana")
    ConflictFactory.create_batch(2, integration=made)
    for minutes in (9, 6, 3):
        BrokenRunFactory(
            integration=made, started_at=ago(minutes=minutes), error_message=f"<script> refused\nat {minutes}"
        )
    AlertRule.objects.exclude(key="integration-down").update(enabled=False)
    return made


def told(channel: str = "email") -> Notification:
    return Notification.objects.get(channel=channel)


def test_the_mail_is_that_of_r1(integration: Integration, clock: Clock) -> None:
    check_all(clock.now())
    mail = told()
    assert mail.subject == "[Lockstep] Integration Alert: Main <b>Asana</b> & <!channel> - CRITICAL"
    unsubscribe = mail.text.split("No more mail about alerts: ")[1].strip()
    assert unsubscribe.startswith("https://lockstep.example.org/notifications/unsubscribe/")
    assert mail.text == (
        f"""Integration: Main <b>Asana</b> & <!channel>
Status: Active
Alert: Integration Down

The last 3 syncs failed. Open the newest run: it names what to mend. Nothing is lost; changes wait.

Details:
- Error Rate: 100.0%
- Last Successful Sync: 2026-03-02 11:00 UTC
- Pending Conflicts: 2

Recent Errors:
- 2026-03-02 11:57 UTC sync: <script> refused at 3
- 2026-03-02 11:54 UTC sync: <script> refused at 6
- 2026-03-02 11:51 UTC sync: <script> refused at 9

View Details: https://lockstep.example.org/dashboard/admin/integrations/{integration.pk}

---
This is an automated alert from the Lockstep Integration System
No more mail about alerts: {unsubscribe}
"""
    )


def test_the_html_form_says_the_same_and_is_escaped(integration: Integration, clock: Clock) -> None:
    check_all(clock.now())
    html = told().html
    assert "Main &lt;b&gt;Asana&lt;/b&gt; &amp; &lt;!channel&gt;" in html
    assert "&lt;script&gt; refused at 3" in html
    assert "<script>" not in html
    for words in ("Integration Down", "Error Rate: 100.0%", "2026-03-02 11:00 UTC", "Pending Conflicts: 2"):
        assert words in html
    assert f'href="https://lockstep.example.org/dashboard/admin/integrations/{integration.pk}"' in html


def test_slack_gets_a_short_form_that_calls_nobody(integration: Integration, slack: Slack, clock: Clock) -> None:
    check_all(clock.now())
    found = told("slack")
    assert found.recipient == ""
    lines = found.text.splitlines()
    assert lines[0] == "*Integration Down* (CRITICAL): Main &lt;b&gt;Asana&lt;/b&gt; &amp; &lt;!channel&gt;"
    assert lines[2] == "> &lt;script&gt; refused at 3"
    assert lines[3] == f"<https://lockstep.example.org/dashboard/admin/integrations/{integration.pk}|View Details>"
    assert slack.url not in str(vars(found))


def test_without_a_slack_nothing_is_written_for_it(integration: Integration, clock: Clock) -> None:
    check_all(clock.now())
    assert set(Notification.objects.values_list("channel", flat=True)) == {"email"}


def test_a_rule_may_have_a_slack_of_its_own(integration: Integration, clock: Clock) -> None:
    AlertRule.objects.filter(key="integration-down").update(slack_webhook={"url": "https://hooks.slack.com/services/x"})
    check_all(clock.now())
    assert told("slack").status == "PENDING"


def test_the_end_is_told_to_those_who_heard_of_the_beginning(integration: Integration, clock: Clock) -> None:
    check_all(clock.now())
    person(integration.organization, "robin")
    RunFactory(integration=integration, started_at=clock.now())
    check_all(clock.pass_by(minutes=5))
    mails = Notification.objects.filter(subject__endswith="resolved")
    assert {one.recipient for one in mails} == {"dana@example.org", "robin@example.org"}
    assert "from 2026-03-02 12:00 UTC to 2026-03-02 12:05 UTC" in mails[0].text
    assert "Resolved: Integration Down" in mails[0].html


def test_an_error_is_named_once_however_often_it_happened(integration: Integration) -> None:
    BrokenRunFactory.create_batch(9, integration=integration, error_message="the same")
    BrokenRunFactory(integration=integration, error_message="long ago", started_at=ago(days=2), duration_ms=0)
    BrokenRunFactory(integration=integration, error_message="x" * 500, started_at=ago(minutes=1))
    found = [one.sentence for one in recent(integration, NOW)]
    assert found[0] == "x" * 299 + "…"
    assert found.count("the same") == 1
    assert "long ago" not in found
    assert len(found) == 5
