"""Tells stewards that a rule or a webhook was switched off by itself: by mail, and in Slack where it is set up."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _

from automations.models import Hook, Rule
from integrations.alerts.words import Channel, Topic
from integrations.notify.messages import Content, Message, file
from records.models import Organization
from sync_engine.ports import ports

CONSOLE = "/dashboard/admin"
"""Pages are addressed by their path, because the console is a higher floor."""


def rule_switched_off(rule: Rule, reason: str) -> None:
    """To be called in the transaction that did it, or right after."""

    def subject() -> str:
        return _("[Lockstep] The rule “%(name)s” was switched off") % {"name": rule.name}

    _tell(rule.organization, subject, reason, f"rules/{rule.pk}")


def hook_switched_off(hook: Hook, reason: str) -> None:
    """To be called in the transaction that did it, or right after."""

    def subject() -> str:
        return _("[Lockstep] The webhook “%(name)s” was switched off") % {"name": hook}

    _tell(hook.organization, subject, reason, f"webhooks/{hook.pk}")


def _tell(organization: Organization, subject: Callable[[], str], reason: str, path: str) -> None:
    address = f"{settings.WEBHOOK_BASE_URL.rstrip('/')}{CONSOLE}/{path}"

    def compose() -> Content:
        context = {"subject": subject(), "reason": reason, "address": address, "organization": organization}
        return Content(subject(), context)

    message = Message(organization, Topic.ALERTS, "switched_off", compose)
    file(message, [Channel.EMAIL, Channel.SLACK], ports().clock.now())
