"""What is stored of a sign-in: how it stands, how it ends, how it is kept from dying unused."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q

from connectors.base.errors import ConnectorError
from connectors.base.ports import Clock
from integrations.enums import AuthenticationType, IntegrationStatus
from integrations.models import GrantState, Integration, OAuthAttempt, OAuthGrant
from integrations.oauth.apart import apart
from integrations.oauth.providers import config_of, needs_person, provider_of, redirect_uri
from integrations.oauth.tokens import NOT_YET, renew

LOG = logging.getLogger(__name__)
State = Literal["NOT_NEEDED", "NOT_CONNECTED", "CONNECTED", "NEEDS_REAUTH"]
SHARE = 0.2
"""A refresh token that has less than this share of its life left is used, so that a fresh one comes."""
LONGEST = timedelta(days=30)
"""And one whose life is not known, when it has lain unused for so long (Google forgets after six months)."""


@dataclass(frozen=True, slots=True)
class Status:
    """How an integration is signed in, for people: no token, no secret.

    state         NOT_NEEDED where the integration signs in otherwise
    message       what to do, "" = nothing
    missing       scopes that were asked for and not granted
    last_attempt  what became of the last try, "" = none lately or still under way
    """

    state: State
    message: str = ""
    account: str = ""
    authorized_by: str = ""
    authorized_at: datetime | None = None
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    last_attempt: str = ""
    redirect_uri: str = ""


def status(integration: Integration) -> Status:
    """Raises `ConfigError` where the provider has no OAuth2 although the integration is set to it."""
    if integration.auth_type != AuthenticationType.OAUTH2 or not needs_person(integration):
        return Status("NOT_NEEDED")
    attempt = OAuthAttempt.objects.filter(integration=integration).order_by("-created_at").first()
    tried = attempt.outcome if attempt else ""
    address = redirect_uri(integration.connector_key)
    grant = OAuthGrant.objects.filter(integration=integration).first()
    if grant is None or not grant.version:
        return Status("NOT_CONNECTED", NOT_YET, last_attempt=tried, redirect_uri=address)
    wanted = config_of(integration).scopes
    return Status(
        state="CONNECTED" if grant.state == GrantState.CONNECTED else "NEEDS_REAUTH",
        message=grant.reason,
        account=integration.account_id,
        authorized_by=grant.authorized_by,
        authorized_at=grant.authorized_at,
        expires_at=grant.expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        scopes=tuple(grant.scopes),
        missing=tuple(one for one in wanted if grant.scopes and one not in grant.scopes),
        last_attempt=tried,
        redirect_uri=address,
    )


def disconnect(integration: Integration, clock: Clock) -> str:
    """Revokes at the provider where it can, and forgets both tokens in any case. Returns what the provider did
    not do, "" = all done. The integration is not scheduled until somebody signs in again."""
    left = give_back(integration, clock)
    OAuthGrant.objects.filter(integration=integration).delete()
    Integration.objects.filter(
        pk=integration.pk, status__in=(IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED)
    ).update(status=IntegrationStatus.ERROR, last_error_at=clock.now(), last_error_message=NOT_YET)
    return left


def give_back(integration: Integration, clock: Clock) -> str:
    """Revokes at the provider. Returns what it was not told, "" = there is nothing left there."""
    grant = OAuthGrant.objects.filter(integration=integration).first()
    return _revoked(grant, clock) if grant and grant.access else ""


def _revoked(grant: OAuthGrant, clock: Clock) -> str:
    try:
        provider_of(grant.integration, clock).revoke(grant.refresh or grant.access)
    except ConnectorError as problem:
        LOG.warning("The sign-in of '%s' could not be revoked: %s", grant.integration, problem.message)
        return f"The provider could not be told ({problem.message}); take the app's access back there."
    return ""


def keep_alive(clock: Clock) -> int:
    """Renews every grant whose refresh token would die unused, of paused integrations too. Returns how many."""
    now, renewed = clock.now(), 0
    old = Q(refresh_expires_at=None, refreshed_at__lt=now - LONGEST) | Q(refresh_expires_at__gt=now)
    for grant in OAuthGrant.objects.filter(old, state=GrantState.CONNECTED).select_related("integration"):
        if grant.refresh and _dies_soon(grant, now):
            renewed += _renewed(grant.integration, clock)
    return renewed


def _dies_soon(grant: OAuthGrant, now: datetime) -> bool:
    if grant.refresh_expires_at is None or grant.refreshed_at is None:
        return True
    return (grant.refresh_expires_at - now) < SHARE * (grant.refresh_expires_at - grant.refreshed_at)


def _renewed(integration: Integration, clock: Clock) -> bool:
    try:
        apart(lambda: renew(integration, provider_of(integration, clock), clock, early=True))
    except ConnectorError as problem:
        LOG.warning("The sign-in of '%s' could not be kept alive: %s", integration, problem.message)
        return False
    return True
