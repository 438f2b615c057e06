"""Tells stewards that a rule or a webhook was switched off by itself: by mail, and in Slack where it is set up."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from automations.models import Hook, Rule
from integrations.alerts.words import Channel, Topic
from integrations.notify.messages import Message, file
from records.models import Organization
from sync_engine.ports import ports

CONSOLE = "/dashboard/admin"
"""Pages are addressed by their path, because the console is a higher floor."""


def rule_switched_off(rule: Rule, reason: str) -> None:
    """To be called in the transaction that did it, or right after."""
    subject = _("[Lockstep] The rule “%(name)s” was switched off") % {"name": rule.name}
    _tell(rule.organization, subject, reason, f"rules/{rule.pk}")


def hook_switched_off(hook: Hook, reason: str) -> None:
    """To be called in the transaction that did it, or right after."""
    subject = _("[Lockstep] The webhook “%(name)s” was switched off") % {"name": hook}
    _tell(hook.organization, subject, reason, f"webhooks/{hook.pk}")


def _tell(organization: Organization, subject: str, reason: str, path: str) -> None:
    address = f"{settings.WEBHOOK_BASE_URL.rstrip('/')}{CONSOLE}/{path}"
    context = {"subject": subject, "reason": reason, "address": address, "organization": organization}
    message = Message(organization, Topic.ALERTS, subject, "switched_off", context)
    file(message, [Channel.EMAIL, Channel.SLACK], ports().clock.now())
