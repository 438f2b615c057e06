"""Messages on their way: a real mail server, a real HTTP listener, and both when they do not work."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from integrations.alerts.words import Channel, Topic
from integrations.models import AlertRule, Notification, NotificationOptOut
from integrations.notify import links
from integrations.notify.delivery import deliver_due, send_again
from records.models import Organization
from tests.health.conftest import Clock, Slack, person
from tests.records.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


class MailServer:
    """Keeps what comes. `refusal` is what RCPT is answered with."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.refusal = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.refusal or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=_free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server
    controller.stop()


@pytest.fixture
def organization() -> Organization:
    made: Organization = OrganizationFactory()
    return made


def message(organization: Organization, clock: Clock, channel: str = Channel.EMAIL, **fields: Any) -> Notification:
    given = {"recipient": "dana@example.org" if channel == Channel.EMAIL else "", "subject": "Größe", "text": "Hällo"}
    return Notification.objects.create(
        organization=organization,
        topic=Topic.ALERTS,
        channel=channel,
        created_at=clock.now(),
        next_attempt_at=clock.now(),
        **{**given, **fields},
    )


def test_a_mail_arrives_in_both_forms(organization: Organization, mail_server: MailServer, clock: Clock) -> None:
    row = message(organization, clock, html="<p>Hällo</p>")
    assert deliver_due(clock.now) == 1
    (mail,) = mail_server.taken
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == ("dana@example.org", "Größe", "auto-generated")
    assert mail.get_body(("plain",)).get_content().strip() == "Hällo"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hällo</p>"
    row.refresh_from_db()
    assert (row.status, row.attempts, row.sent_at, row.error) == ("SENT", 1, clock.now(), "")
    assert deliver_due(clock.now) == 0
    assert len(mail_server.taken) == 1


def test_slack_hears_it(organization: Organization, slack: Slack, clock: Clock) -> None:
    message(organization, clock, Channel.SLACK)
    assert deliver_due(clock.now) == 1
    assert slack.heard == [{"text": "Hällo"}]


def test_what_fails_is_tried_again_on_the_ladder_and_then_given_up(
    organization: Organization, slack: Slack, clock: Clock
) -> None:
    row = message(organization, clock, Channel.SLACK)
    slack.answers = [(500, {}, "oh")] * 6
    waited = []
    while True:
        deliver_due(clock.now)
        row.refresh_from_db()
        if row.next_attempt_at is None:
            break
        waited.append((row.next_attempt_at - clock.now()).total_seconds() / 60)
        clock.at = row.next_attempt_at
    assert waited == [1, 2, 4, 8, 16]
    assert (row.status, row.attempts, len(slack.heard)) == ("FAILED", 6, 6)
    assert "Slack did not take it" in row.error
    send_again(row, clock.now())
    assert deliver_due(clock.now) == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("SENT", 1, "")


def test_before_its_time_nothing_is_sent(organization: Organization, slack: Slack, clock: Clock) -> None:
    message(organization, clock, Channel.SLACK)
    slack.answers = [(503, {}, "later")]
    assert deliver_due(clock.now) == 0
    clock.pass_by(seconds=59)
    assert deliver_due(clock.now) == 0
    clock.pass_by(seconds=1)
    assert deliver_due(clock.now) == 1


def test_slack_is_not_asked_before_the_time_it_names(organization: Organization, slack: Slack, clock: Clock) -> None:
    row = message(organization, clock, Channel.SLACK)
    slack.answers = [(429, {"Retry-After": "300"}, "slow down")]
    deliver_due(clock.now)
    row.refresh_from_db()
    assert (row.next_attempt_at - clock.now()).total_seconds() == 300


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_address_that_slack_refuses_is_not_tried_again(
    organization: Organization, slack: Slack, clock: Clock, status: int
) -> None:
    row = message(organization, clock, Channel.SLACK)
    slack.answers = [(status, {}, "no_service")]
    deliver_due(clock.now)
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("FAILED", 1)
    assert "no_service" in row.error
    assert "Make a new incoming webhook" in row.error
    assert "s3cr3tpath" not in row.error


def test_a_slack_that_is_not_there_is_tried_again(organization: Organization, settings: Any, clock: Clock) -> None:
    settings.SLACK_WEBHOOK_URL, settings.ALLOW_PRIVATE_HOSTS = "http://127.0.0.1:9/services/s3cr3tpath", True
    row = message(organization, clock, Channel.SLACK)
    deliver_due(clock.now)
    row.refresh_from_db()
    assert row.status == "PENDING"
    assert "cannot be reached" in row.error
    assert "s3cr3tpath" not in row.error


def test_a_private_address_is_not_called(organization: Organization, slack: Slack, settings: Any, clock: Clock) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    row = message(organization, clock, Channel.SLACK)
    deliver_due(clock.now)
    row.refresh_from_db()
    assert (row.status, slack.heard) == ("FAILED", [])
    assert "private or local" in row.error


def test_the_slack_of_the_rule_goes_first(
    organization: Organization, slack: Slack, settings: Any, clock: Clock
) -> None:
    from integrations.models import Alert
    from tests.health.factories import IntegrationFactory

    settings.SLACK_WEBHOOK_URL = "http://127.0.0.1:9/other"
    rule = AlertRule.objects.get(organization=organization, key="integration-down")
    rule.slack_webhook = {"url": slack.url}
    rule.save()
    alert = Alert.objects.create(
        rule=rule, integration=IntegrationFactory(organization=organization), metric=rule.metric, severity="INFO",
        operator=">", threshold=1, value=2, opened_at=clock.now(), last_seen_at=clock.now(),
    )  # fmt: skip
    message(organization, clock, Channel.SLACK, alert=alert)
    assert deliver_due(clock.now) == 1
    assert slack.heard == [{"text": "Hällo"}]


@pytest.mark.parametrize(
    ("refusal", "status"), [("550 no such user", "FAILED"), ("450 mailbox busy", "PENDING"), ("", "SENT")]
)
def test_a_mail_server_may_refuse_for_now_or_for_good(
    organization: Organization, mail_server: MailServer, clock: Clock, refusal: str, status: str
) -> None:
    mail_server.refusal = refusal
    row = message(organization, clock)
    deliver_due(clock.now)
    row.refresh_from_db()
    assert row.status == status
    assert refusal.partition(" ")[2] in row.error


def test_a_mail_server_that_is_not_there_holds_up_nobody_else(
    organization: Organization, slack: Slack, settings: Any, clock: Clock
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    row = message(organization, clock)
    message(organization, clock, Channel.SLACK)
    assert deliver_due(clock.now) == 1
    row.refresh_from_db()
    assert row.status == "PENDING"
    assert "Check EMAIL_URL" in row.error


def test_a_claim_of_a_worker_that_died_runs_out(
    organization: Organization, slack: Slack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.notify import slack as way

    row = message(organization, clock, Channel.SLACK)
    with monkeypatch.context() as patched:
        patched.setattr(way, "send", _killed)
        with pytest.raises(KeyboardInterrupt):
            deliver_due(clock.now)
    assert deliver_due(clock.now) == 0
    clock.pass_by(minutes=5)
    assert deliver_due(clock.now) == 1
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("SENT", 2)


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_one_click_ends_mail_about_a_topic(
    organization: Organization, mail_server: MailServer, settings: Any, clock: Clock
) -> None:
    from integrations.health import check_all
    from tests.health.factories import IntegrationFactory

    settings.WEBHOOK_BASE_URL = "https://lockstep.example.org"
    dana = person(organization, "dana")
    integration = IntegrationFactory(organization=organization, status="ERROR")
    check_all(clock.now())
    deliver_due(clock.now)
    (mail,) = mail_server.taken
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip(" <>").replace("https://lockstep.example.org", "")
    stranger = Client(enforce_csrf_checks=True)
    assert b"dana@example.org" in stranger.get(path).content
    assert not NotificationOptOut.objects.exists()
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert NotificationOptOut.objects.get().user == dana
    check_all(clock.pass_by(days=2))
    assert Notification.objects.filter(integration=integration).count() == 1
    assert stranger.post(path, {"again": "yes"}).status_code == 200
    assert not NotificationOptOut.objects.exists()


def test_nobody_is_unsubscribed_by_a_forged_link(organization: Organization) -> None:
    path = links.unsubscribe_page(person(organization, "dana"), Topic.ALERTS)
    forged = path[path.index("/notifications") :][:-3] + "abc"
    assert Client().get(forged).status_code == 404
    assert Client().post(forged).status_code == 404
    assert not NotificationOptOut.objects.exists()
