"""Sign-ins at providers: the grant that an integration holds, and attempts that are under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import TextChoices

from integrations.fields import EncryptedJSONField


class GrantState(TextChoices):
    CONNECTED = "CONNECTED", "Connected"
    NEEDS_REAUTH = "NEEDS_REAUTH", "Somebody must sign in again"


class OAuthGrant(models.Model):
    """The tokens of one integration. Whoever refreshes holds the lock of this row.

    tokens              `access` and `refresh`; "" = none
    expires_at          of the access token; null = no known end, refreshed when it is refused
    version             counts every change of the tokens
    refresh_started_at  a refresh was sent whose answer is not stored: under way, or lost
    not_before          the token URL failed lately; until then the token in hand is used up
    subject             who signed in, as the token answer named it
    """

    integration = models.OneToOneField("integrations.Integration", on_delete=models.CASCADE, related_name="oauth_grant")
    state = models.CharField(max_length=12, choices=GrantState.choices, default=GrantState.CONNECTED)
    reason = models.TextField(blank=True, default="")
    tokens = EncryptedJSONField(default=dict, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    refresh_started_at = models.DateTimeField(null=True, blank=True)
    authorized_by = models.CharField(max_length=150, blank=True, default="")
    authorized_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.integration}: {self.state}"

    @property
    def access(self) -> str:
        return str(self.stored.get("access", ""))

    @property
    def refresh(self) -> str:
        return str(self.stored.get("refresh", ""))

    @property
    def stored(self) -> dict[str, Any]:
        return dict(self.tokens)

    def alive(self, now: datetime) -> bool:
        """Whether the access token is known not to have ended."""
        return bool(self.access) and (self.expires_at is None or now < self.expires_at)


class OAuthAttempt(models.Model):
    """One way to the provider's consent page and back: bound to a person, a session and an integration, good
    once and for minutes. Of the state only the SHA-256 is kept. `secret` holds the PKCE verifier, and the tokens
    between their arrival and the check of their account."""

    integration = models.ForeignKey("integrations.Integration", on_delete=models.CASCADE, related_name="oauth_attempts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=64, blank=True, default="", editable=False)
    state = models.CharField(max_length=64, unique=True, editable=False)
    secret = EncryptedJSONField(default=dict)
    return_to = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("integration", "-created_at")), models.Index(fields=("expires_at",)))

    def __str__(self) -> str:
        return f"{self.integration}, {self.created_at:%Y-%m-%d %H:%M}"
