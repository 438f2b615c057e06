"""Out by a Slack incoming webhook. Its address is a secret: it is read when it is needed and shown nowhere."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from connectors.base.errors import ConnectorError, RateLimited, Transient, UnknownOutcome
from connectors.base.posting import post_json
from integrations.models import Notification
from integrations.notify.errors import Undeliverable
from integrations.notify.recipients import slack_url

# Slack's own: https://docs.slack.dev/messaging/formatting-message-text
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def send(notification: Notification, now: datetime) -> None:
    """Raises `Undeliverable`. An answer that got lost counts as not delivered: twice is better than not at all."""
    url = slack_url(notification.alert.rule if notification.alert else None)
    if not url:
        raise Undeliverable("No Slack address is set: enter one at the rule, or set SLACK_WEBHOOK_URL.", final=True)
    try:
        post_json(url, {"text": notification.text}, now=now, allow_private=settings.ALLOW_PRIVATE_HOSTS)
    except RateLimited as error:
        raise Undeliverable(f"Slack asks to wait: {error.message}", retry_after=error.retry_after) from error
    except (Transient, UnknownOutcome) as error:
        raise Undeliverable(f"Slack did not take it: {error.message}") from error
    except ConnectorError as error:
        sentence = f"Slack refused it: {error.message}. Make a new incoming webhook and enter its address."
        raise Undeliverable(sentence, final=True) from error


def escaped(text: str) -> str:
    """Text that Slack takes as it is, and not as a link, a mention or a command."""
    return text.translate(_ESCAPES)
