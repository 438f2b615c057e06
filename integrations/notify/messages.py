"""What people are told, written down as rows in the caller's transaction and sent after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from integrations.alerts.words import Channel, Topic
from integrations.health.score import Health
from integrations.models import Alert, AlertRule, Integration, Notification
from integrations.notify import links, recipients, sending
from integrations.notify.failures import recent
from records.models import Organization


@dataclass(frozen=True)
class Message:
    """`template` names the pair `integrations/mail/<template>.txt` and `.html`; Slack gets the short form of the
    text, `integrations/slack/<template>.txt`."""

    organization: Organization
    topic: Topic
    subject: str
    template: str
    context: Mapping[str, Any]
    integration: Integration | None = None
    alert: Alert | None = None
    rule: AlertRule | None = field(default=None)


def of_alert(alert: Alert, rule: AlertRule, health: Health, now: datetime) -> int:
    """R1's alert mail, and its short form. Returns how many messages that makes."""
    context = _of_alert(alert) | {"health": health, "failures": recent(alert.integration, now)}
    return file(_about(alert, rule, _subject(alert), "alert", context), rule.channels, now)


def of_resolved(alert: Alert, now: datetime) -> int:
    """To the channels that were told of the alert."""
    channels = list(alert.notifications.values_list("channel", flat=True).distinct().order_by())
    subject = _("%(subject)s - resolved") % {"subject": _subject(alert)}
    return file(_about(alert, alert.rule, subject, "resolved", _of_alert(alert)), channels, now)


def _about(alert: Alert, rule: AlertRule | None, subject: str, template: str, context: dict[str, Any]) -> Message:
    integration = alert.integration
    return Message(integration.organization, Topic.ALERTS, subject, template, context, integration, alert, rule)


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
    """One row per recipient; they are sent as soon as the transaction is through. Returns how many."""
    rows: list[Notification] = []
    if Channel.EMAIL in channels:
        rows += [_mail(message, user, now) for user in recipients.by_mail(message.organization, message.topic)]
    if Channel.SLACK in channels and recipients.slack_url(message.rule):
        rows.append(_row(message, now, Channel.SLACK, text=_rendered(f"slack/{message.template}.txt", message.context)))
    if rows:
        Notification.objects.bulk_create(rows)
        transaction.on_commit(sending.soon)
    return len(rows)


def _mail(message: Message, user: Any, now: datetime) -> Notification:
    """The text is R1's; the HTML says the same."""
    context = {**message.context, "unsubscribe": links.unsubscribe_page(user, message.topic)}
    return _row(
        message,
        now,
        Channel.EMAIL,
        recipient=user.email,
        text=_rendered(f"mail/{message.template}.txt", context),
        html=_rendered(f"mail/{message.template}.html", context),
    )


def _row(message: Message, now: datetime, channel: str, **content: str) -> Notification:
    return Notification(
        organization=message.organization,
        integration=message.integration,
        alert=message.alert,
        topic=message.topic,
        channel=channel,
        subject=" ".join(message.subject.split()),
        created_at=now,
        next_attempt_at=now,
        **content,
    )


def _rendered(template: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"integrations/{template}", dict(context)).strip() + "\n"
