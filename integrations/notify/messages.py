"""What people are told, written down as rows in the caller's transaction and sent after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from integrations.alerts.words import Channel, Topic
from integrations.health.score import Health
from integrations.models import Alert, AlertRule, Integration, Notification
from integrations.notify import links, recipients, sending
from integrations.notify.failures import recent
from records import languages
from records.models import Organization


@dataclass(frozen=True)
class Content:
    """What a message says, in the language that is spoken when it is composed."""

    subject: str
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """`template` names the pair `integrations/mail/<template>.txt` and `.html`; Slack gets the short form of the
    text, `integrations/slack/<template>.txt`. `compose` is called for each recipient."""

    organization: Organization
    topic: Topic
    template: str
    compose: Callable[[], Content]
    integration: Integration | None = None
    alert: Alert | None = None
    rule: AlertRule | None = None


def of_alert(alert: Alert, rule: AlertRule, health: Health, now: datetime) -> int:
    """R1's alert mail, and its short form. Returns how many messages that makes."""
    failures = recent(alert.integration, now)

    def compose() -> Content:
        return Content(_subject(alert), _of_alert(alert) | {"health": health, "failures": failures})

    return file(_about(alert, rule, "alert", compose), rule.channels, now)


def of_resolved(alert: Alert, now: datetime) -> int:
    """To the channels that were told of the alert."""
    channels = list(alert.notifications.values_list("channel", flat=True).distinct().order_by())

    def compose() -> Content:
        return Content(_("%(subject)s - resolved") % {"subject": _subject(alert)}, _of_alert(alert))

    return file(_about(alert, alert.rule, "resolved", compose), channels, now)


def _about(alert: Alert, rule: AlertRule | None, template: str, compose: Callable[[], Content]) -> Message:
    integration = alert.integration
    return Message(integration.organization, Topic.ALERTS, template, compose, integration, alert, rule)


def _subject(alert: Alert) -> str:
    """R1's subject line."""
    named = {"integration": alert.integration.name, "severity": alert.severity}
    return _("[Lockstep] Integration Alert: %(integration)s - %(severity)s") % named


def _of_alert(alert: Alert) -> dict[str, Any]:
    from integrations.alerts.conditions import sentence

    return {
        "alert": alert,
        "integration": alert.integration,
        "status": alert.integration.get_status_display(),
        "sentence": sentence(alert),
        "address": links.integration_page(alert.integration_id),
    }


def file(message: Message, channels: list[str], now: datetime) -> int:
    """One row per recipient, in the language of each; they are sent as soon as the transaction is through. Returns
    how many."""
    rows: list[Notification] = []
    if Channel.EMAIL in channels:
        rows += [_mail(message, user, now) for user in recipients.by_mail(message.organization, message.topic)]
    if Channel.SLACK in channels and recipients.slack_url(message.rule):
        rows.append(_slack(message, now))
    if rows:
        Notification.objects.bulk_create(rows)
        transaction.on_commit(sending.soon)
    return len(rows)


def _mail(message: Message, user: User, now: datetime) -> Notification:
    """The text is R1's; the HTML says the same."""
    with languages.spoken(languages.of(user)):
        content = message.compose()
        context = {**content.context, "unsubscribe": links.unsubscribe_page(user, message.topic)}
        return _row(
            message,
            now,
            Channel.EMAIL,
            content.subject,
            recipient=user.email,
            text=_rendered(f"mail/{message.template}.txt", context),
            html=_rendered(f"mail/{message.template}.html", context),
        )


def _slack(message: Message, now: datetime) -> Notification:
    """A channel has many readers: it is written to in the installation's language."""
    with languages.spoken(languages.of(None)):
        content = message.compose()
        text = _rendered(f"slack/{message.template}.txt", content.context)
        return _row(message, now, Channel.SLACK, content.subject, text=text)


def _row(message: Message, now: datetime, channel: str, subject: str, **content: str) -> Notification:
    return Notification(
        organization=message.organization,
        integration=message.integration,
        alert=message.alert,
        topic=message.topic,
        channel=channel,
        subject=" ".join(subject.split()),
        created_at=now,
        next_attempt_at=now,
        **content,
    )


def _rendered(template: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"integrations/{template}", dict(context)).strip() + "\n"
