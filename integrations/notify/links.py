"""Addresses that messages lead to. Pages are addressed by their path, because the console is a higher floor."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from integrations.notify.optout import token_of

CONSOLE = "/dashboard/admin/integrations"


def integration_page(integration_id: UUID) -> str:
    return _absolute(f"{CONSOLE}/{integration_id}")


def conflict_page(conflict_id: UUID) -> str:
    return _absolute(f"{CONSOLE}/conflicts/{conflict_id}")


def conflicts_page() -> str:
    return _absolute(f"{CONSOLE}/conflicts")


def unsubscribe_page(user: User, topic: str) -> str:
    return _absolute(f"/notifications/unsubscribe/{token_of(user, topic)}")


def _absolute(path: str) -> str:
    return settings.WEBHOOK_BASE_URL.rstrip("/") + path
