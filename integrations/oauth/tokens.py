"""Access tokens for connectors: refreshed ahead of their end, once for all workers.

The row of the grant is the lock. A refresh, step by step:

1. note on the row that one is sent (committed: the note outlives a worker that dies)
2. lock the row and look again: whoever waited finds a fresh token there and leaves
3. ask the provider, once, for ten seconds at most
4. store both tokens and commit; only then is the new one handed out

A worker that dies between 3 and 4 leaves the note of 1 and the old refresh token. The next one tries that token:
a provider that does not rotate, or has a grace period, answers; one that rotates refuses, and somebody must sign
in again. Nothing loops.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError, transaction

from connectors.base.context import TokenSource
from connectors.base.errors import AuthError, ConnectorError, Transient, UnknownOutcome
from connectors.base.oauth import OAuthProvider, Tokens, kept
from connectors.base.ports import Clock
from integrations.enums import IntegrationStatus
from integrations.models import GrantState, Integration, OAuthGrant
from integrations.oauth.apart import apart, limit_waiting
from integrations.oauth.providers import needs_person, provider_of

LOG = logging.getLogger(__name__)
SETTLED = timedelta(seconds=30)
"""A token so young that is refused is not helped by another one."""
LADDER = (60, 120, 240)
"""Seconds between tries while the token URL has a fault and the token in hand still lives."""
NOT_YET = "This integration is not authorised yet. Press Connect and sign in at the provider."
AGAIN = "Press Connect and sign in again."


@dataclass(frozen=True, slots=True)
class Held:
    """A token in this process's memory."""

    access: str = field(default="", repr=False)
    due: datetime | None = None

    def serves(self, stale: str | None, now: datetime) -> bool:
        return bool(self.access) and self.access != stale and (self.due is None or now < self.due)


@dataclass(frozen=True, slots=True)
class _Asked:
    """`noted` is when this worker noted that it starts; an earlier note on the row is somebody else's."""

    stale: str | None
    early: bool
    noted: datetime


class StoredTokens:
    """The `TokenSource` of a stored integration. Any number of threads may ask."""

    def __init__(self, integration: Integration, clock: Clock, provider: Callable[[], OAuthProvider]) -> None:
        self._integration = integration
        self._clock = clock
        self._provider = provider
        self._lock = threading.Lock()
        self._stored = OAuthGrant.objects.filter(integration=integration, state=GrantState.CONNECTED).first()
        self._held = Held()

    def __call__(self, stale: str | None = None) -> str:
        with self._lock:
            if self._stored is not None:
                self._held, self._stored = held_of(self._stored, self._provider()), None
            if not self._held.serves(stale, self._clock.now()):
                self._held = apart(lambda: self._renewed(stale))
            return self._held.access

    def _renewed(self, stale: str | None) -> Held:
        try:
            return renew(self._integration, self._provider(), self._clock, stale)
        except AuthError as problem:
            ask_for_sign_in(self._integration, problem.message, self._clock)
            raise


class OwnTokens:
    """The `TokenSource` of an integration that is being tried out before it is stored: the client's own tokens,
    kept in memory."""

    def __init__(self, clock: Clock, provider: OAuthProvider) -> None:
        self._clock = clock
        self._provider = provider
        self._lock = threading.Lock()
        self._held = Held()

    def __call__(self, stale: str | None = None) -> str:
        with self._lock:
            if not self._held.serves(stale, self._clock.now()):
                tokens = self._provider.client_credentials()
                self._held = Held(tokens.access, tokens.expires_at)
            return self._held.access


def token_source(integration: Integration, clock: Clock) -> TokenSource | None:
    """Where the connector gets its tokens; None where there is nothing to get yet, which the connector says in
    its own words."""
    if integration._state.adding:
        return None if needs_person(integration) else OwnTokens(clock, provider_of(integration, clock))
    return StoredTokens(integration, clock, lambda: provider_of(integration, clock))


def renew(
    integration: Integration, provider: OAuthProvider, clock: Clock, stale: str | None = None, *, early: bool = False
) -> Held:
    """A token in force, refreshed if it is due, or refused as `stale`, or `early` is asked for. Raises `AuthError`
    when a person must sign in, `Transient` when the token URL does not answer. Not inside a transaction."""
    noted = clock.now()
    pk = _note_start(integration, provider, noted)
    try:
        with transaction.atomic():
            limit_waiting()
            grant = OAuthGrant.objects.select_for_update().get(pk=pk)
            outcome = _settled(grant, provider, clock, _Asked(stale, early, noted))
    except OperationalError as problem:
        raise Transient("Another worker is renewing the access token and has not finished.") from problem
    if isinstance(outcome, ConnectorError):
        raise outcome
    return outcome


def _note_start(integration: Integration, provider: OAuthProvider, now: datetime) -> int:
    """The grant's id, after the note that a refresh is sent. Raises `AuthError` without a grant."""
    if provider.config.grant == "client_credentials":
        OAuthGrant.objects.get_or_create(integration=integration)
    grant = OAuthGrant.objects.filter(integration=integration).first()
    if grant is None:
        raise AuthError(NOT_YET)
    if grant.state == GrantState.NEEDS_REAUTH:
        raise AuthError(grant.reason or NOT_YET)
    OAuthGrant.objects.filter(pk=grant.pk, version=grant.version, refresh_started_at=None).update(
        refresh_started_at=now
    )
    return int(grant.pk)


def _settled(grant: OAuthGrant, provider: OAuthProvider, clock: Clock, asked: _Asked) -> Held | ConnectorError:
    """Under the lock. An error is returned, so that what it wrote is committed."""
    now = clock.now()
    if grant.state == GrantState.NEEDS_REAUTH:
        return AuthError(grant.reason)
    if found := _in_hand(grant, provider, now, asked):
        grant.refresh_started_at = None
        grant.save(update_fields=["refresh_started_at"])
        return found
    try:
        tokens = _answer(grant, provider)
    except AuthError as problem:
        return _needs_person(grant, problem, asked)
    except ConnectorError as problem:
        return _put_off(grant, problem, now, asked.stale)
    return _stored(grant, tokens, provider, clock)


def _in_hand(grant: OAuthGrant, provider: OAuthProvider, now: datetime, asked: _Asked) -> Held | None:
    """What is stored, where it serves: renewed by another worker meanwhile, or all there is for the moment."""
    held = held_of(grant, provider)
    if held.serves(asked.stale, now) and not asked.early:
        return held
    if asked.stale is not None and asked.stale == held.access:
        young = grant.refreshed_at is not None and now - grant.refreshed_at < SETTLED
        return held if young else None
    if grant.not_before is not None and now < grant.not_before and grant.alive(now):
        return Held(grant.access, min(grant.not_before, grant.expires_at or grant.not_before))
    return None


def _answer(grant: OAuthGrant, provider: OAuthProvider) -> Tokens:
    if provider.config.grant == "client_credentials":
        return provider.client_credentials()
    if not grant.refresh:
        raise AuthError("The sign-in has ended and the provider gave nothing to renew it with.")
    try:
        return provider.refresh(grant.refresh)
    except UnknownOutcome:  # spent or not, the old one is all there is
        return provider.refresh(grant.refresh)


def _stored(grant: OAuthGrant, tokens: Tokens, provider: OAuthProvider, clock: Clock) -> Held:
    fill(grant, tokens, clock.now())
    grant.save()
    keep_settings(grant.integration, tokens, provider)
    return held_of(grant, provider)


def fill(grant: OAuthGrant, tokens: Tokens, now: datetime) -> None:
    """Puts what a token call brought on the row. Without a new refresh token the old one stays good."""
    grant.tokens = {"access": tokens.access, "refresh": tokens.refresh or grant.refresh}  # type: ignore[assignment]
    grant.expires_at = tokens.expires_at
    if tokens.refresh or tokens.refresh_expires_at:
        grant.refresh_expires_at = tokens.refresh_expires_at
    grant.scopes = list(tokens.scopes) or grant.scopes
    grant.version += 1
    grant.state, grant.reason = GrantState.CONNECTED, ""
    grant.failures, grant.not_before, grant.refresh_started_at = 0, None, None
    grant.refreshed_at = now


def keep_settings(integration: Integration, tokens: Tokens, provider: OAuthProvider) -> None:
    """Settings that come with the tokens (an account's own host, a company's id)."""
    found = kept(tokens.answer, provider.config)
    if found and any(integration.settings.get(name) != value for name, value in found.items()):
        integration.settings = {**integration.settings, **found}
        Integration.objects.filter(pk=integration.pk).update(settings=integration.settings)


def _needs_person(grant: OAuthGrant, problem: AuthError, asked: _Asked) -> AuthError:
    lost = grant.refresh_started_at is not None and grant.refresh_started_at < asked.noted
    hint = " The answer to an earlier renewal got lost." if lost else ""
    grant.state, grant.reason = GrantState.NEEDS_REAUTH, f"{problem.message}{hint} {AGAIN}"
    grant.refresh_started_at = None
    grant.save(update_fields=["state", "reason", "refresh_started_at"])
    LOG.warning("The sign-in of '%s' has ended: %s", grant.integration, grant.reason)
    return AuthError(grant.reason, status=problem.status, provider_code=problem.provider_code)


def _put_off(grant: OAuthGrant, problem: ConnectorError, now: datetime, stale: str | None) -> Held | ConnectorError:
    """The token in hand is used up as long as it lives; the token URL is left alone for a while."""
    grant.not_before = now + timedelta(seconds=LADDER[min(grant.failures, len(LADDER) - 1)])
    grant.failures = min(grant.failures + 1, 1000)
    if not isinstance(problem, UnknownOutcome):
        grant.refresh_started_at = None
    grant.save(update_fields=["not_before", "failures", "refresh_started_at"])
    LOG.warning("The access token of '%s' could not be renewed: %s", grant.integration, problem.message)
    if grant.alive(now) and grant.access != stale:
        return Held(grant.access, min(grant.not_before, grant.expires_at or grant.not_before))
    return Transient(problem.message) if isinstance(problem, UnknownOutcome) else problem


def held_of(grant: OAuthGrant, provider: OAuthProvider) -> Held:
    """The stored token, due ahead of its end: by `refresh_ahead`, or by half of a life that is shorter."""
    if grant.expires_at is None:
        return Held(grant.access)
    ahead = timedelta(seconds=provider.config.refresh_ahead)
    life = grant.expires_at - (grant.refreshed_at or grant.expires_at - 2 * ahead)
    return Held(grant.access, grant.expires_at - min(ahead, life / 2))


def ask_for_sign_in(integration: Integration, sentence: str, clock: Clock) -> None:
    """The integration says what it needs and is not scheduled until it has it. A row that the caller's own
    transaction holds is left to the verdict of its run."""
    with transaction.atomic():
        row = (
            Integration.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(pk=integration.pk, status__in=(IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED))
            .only("pk")
            .first()
        )
        if row is not None:
            Integration.objects.filter(pk=row.pk).update(
                status=IntegrationStatus.ERROR, last_error_at=clock.now(), last_error_message=sentence
            )
