"""Who is told: stewards and chairs of the organization with a mail address, unless they said no."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User

from integrations.models import AlertRule
from records.models import Organization
from records.roles import stewards


def by_mail(organization: Organization, topic: str) -> list[User]:
    """One user per address."""
    wanted = stewards(organization).exclude(email="").exclude(notification_opt_outs__topic=topic)
    return list({user.email.lower(): user for user in wanted}.values())


def slack_url(rule: AlertRule | None) -> str:
    """The rule's own address, else the installation's; "" = none."""
    own: dict[str, str] = (rule.slack_webhook if rule is not None else None) or {}
    return own.get("url") or str(settings.SLACK_WEBHOOK_URL)
