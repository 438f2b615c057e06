"""Tokens of the API: issued once in clear, kept as SHA-256, revoked for good."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from records.models import ApiToken

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PREFIX = "lks_"
NOTE_EVERY = timedelta(minutes=1)
"""How exactly `last_used_at` is kept: a row is not written for every call."""


def issue(user: User) -> str:
    """A new token; it cannot be shown again."""
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=digest(token), hint=token[:8])
    return token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def find(token: str) -> ApiToken | None:
    """The token in force, with its user, if both are active."""
    found = ApiToken.objects.select_related("user").filter(digest=digest(token), revoked_at=None).first()
    if found is None or not found.user.is_active:
        return None
    now = timezone.now()
    if found.last_used_at is None or now - found.last_used_at > NOTE_EVERY:
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def revoke(user: User) -> int:
    """Revokes every token of the user. Returns how many."""
    found = list(ApiToken.objects.filter(user=user, revoked_at=None))
    for token in found:
        end(token)
    return len(found)


def end(token: ApiToken) -> None:
    """Revokes one."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
