"""From the button to the provider's consent page and back.

The way back is a plain GET from elsewhere, so nothing it says is believed without the state: 32 random bytes, good
once, for ten minutes, in the hands of the person and the session that started, for one integration and one
provider's callback address.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from connectors.base import registry
from connectors.base.connector import Connector, Context
from connectors.base.errors import AuthError, ConfigError, ConnectorError
from connectors.base.oauth import OAuthProvider, Tokens, account_in, kept
from connectors.base.ports import Clock
from integrations.enums import IntegrationStatus
from integrations.models import Integration, OAuthAttempt, OAuthGrant
from integrations.oauth import tokens as stored
from integrations.oauth.providers import client_credentials, provider_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LIFE = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long what became of an attempt can be looked up."""
BYTES = 48
"""Of a PKCE verifier: 64 characters."""


class SignInRefused(Exception):
    """The way back led nowhere. `sentence` is for the person; `attempt` None = nobody's, or not theirs."""

    def __init__(self, sentence: str, attempt: OAuthAttempt | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.attempt = attempt


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brought back. `extras` are parameters beyond `state`, `code` and `error`."""

    key: str
    state: str
    code: str
    error: str
    extras: Mapping[str, str]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def start(integration: Integration, user: User, *, session: str, clock: Clock, return_to: str = "") -> str:
    """Where to send the person's browser. `session` is their session key, "" where a program asks on their
    behalf: then whichever session they are signed in with may come back. `return_to` is a path of ours.
    Raises `ConfigError` where the provider has no OAuth2, or we no client ID there."""
    provider = provider_of(integration, clock)
    if provider.config.grant != "authorization_code":
        raise ConfigError("Nobody needs to sign in: this provider takes the client ID and the client secret alone.")
    now = clock.now()
    OAuthAttempt.objects.filter(expires_at__lt=now - KEPT).delete()
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(BYTES)
    OAuthAttempt.objects.create(
        integration=integration,
        user=user,
        session=digest(session) if session else "",
        state=digest(state),
        secret={"verifier": verifier},
        return_to=return_to if is_ours(return_to) else "",
        created_at=now,
        expires_at=now + LIFE,
    )
    return provider.authorize_url(state, verifier)


def finish(found: Return, user: User, *, session: str, clock: Clock) -> OAuthAttempt:
    """Redeems the code, checks whose account it is, and puts the tokens in force. Raises `SignInRefused`.

    The attempt is spent before the code is sent; the tokens are stored with it before they are used; the grant
    of the integration changes only when the account has proved to be the right one."""
    attempt = _spent(found, user, session, clock)
    try:
        return _redeemed(attempt, found, clock)
    except ConnectorError as problem:
        raise _refused(attempt, problem.message) from problem


def is_ours(path: str) -> bool:
    """Whether a redirect there stays with us."""
    parts = urlsplit(path)
    return path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc


def _spent(found: Return, user: User, session: str, clock: Clock) -> OAuthAttempt:
    with transaction.atomic():
        attempt = (
            OAuthAttempt.objects.select_for_update(of=("self",))
            .select_related("integration")
            .filter(state=digest(found.state), user=user)
            .first()
        )
        if attempt is None or attempt.session not in ("", digest(session)):
            raise SignInRefused("This sign-in was not started here, in this browser and by you. Press Connect again.")
        if attempt.integration.connector_key != found.key:
            raise SignInRefused("This answer comes from another provider than the one you set out to.", attempt)
        if attempt.used_at is not None:
            raise SignInRefused("This sign-in has been completed before. Press Connect to start a new one.", attempt)
        attempt.used_at = clock.now()
        attempt.save(update_fields=["used_at"])
    if attempt.expires_at <= clock.now():
        raise _refused(attempt, "The sign-in took longer than ten minutes. Press Connect to start again.")
    return attempt


def _redeemed(attempt: OAuthAttempt, found: Return, clock: Clock) -> OAuthAttempt:
    integration = attempt.integration
    provider = provider_of(integration, clock)
    label = registry.get(integration.connector_key).label
    if found.error:
        raise AuthError(f"{label} did not connect: {found.error[:200].rstrip('.')}. Nothing was changed.")
    if not found.code:
        raise AuthError(f"{label} sent you back without a code. Press Connect to try again.")
    tokens = provider.exchange(found.code, str(_secret(attempt)["verifier"]))
    tokens = _with_callback(tokens, found.extras)
    attempt.secret = {"access": tokens.access, "refresh": tokens.refresh}  # type: ignore[assignment]
    attempt.save(update_fields=["secret"])
    try:
        account = _connected(integration, tokens, provider, clock).test().id
        _same_account(integration, account, account_in(tokens.answer, provider.config))
    except ConnectorError:
        _give_back(tokens, provider, integration)
        raise
    _in_force(attempt, tokens, account, provider, clock)
    return attempt


def _connected(integration: Integration, tokens: Tokens, provider: OAuthProvider, clock: Clock) -> Connector:
    """A connector that speaks with the new tokens and with nothing else."""
    return registry.get(integration.connector_key)(
        Context(
            base_url=integration.base_url,
            settings={**integration.settings, **kept(tokens.answer, provider.config)},
            credentials=client_credentials(integration),
            clock=clock,
            allow_private=settings.ALLOW_PRIVATE_HOSTS,
            auth_type=integration.auth_type,
            token=lambda stale=None: tokens.access,
        )
    )


def _same_account(integration: Integration, account: str, subject: str) -> None:
    before = OAuthGrant.objects.filter(integration=integration).values_list("subject", flat=True).first() or ""
    if (integration.account_id and account != integration.account_id) or (before and subject and subject != before):
        raise AuthError(
            f"You signed in to another account than the one that '{integration.name}' is linked with, so nothing was "
            "changed. Sign in to the same account, or make an integration of its own for this one."
        )


def _in_force(attempt: OAuthAttempt, tokens: Tokens, account: str, provider: OAuthProvider, clock: Clock) -> None:
    now = clock.now()
    with transaction.atomic():
        integration = Integration.objects.select_for_update(no_key=True).get(pk=attempt.integration_id)
        grant = OAuthGrant.objects.select_for_update().filter(integration=integration).first()
        grant = grant or OAuthGrant(integration=integration)
        grant.tokens = {}  # type: ignore[assignment]
        stored.fill(grant, tokens, now)
        grant.subject = account_in(tokens.answer, provider.config)[:200]
        grant.authorized_by, grant.authorized_at = attempt.user.get_username(), now
        grant.save()
        integration.account_id = account
        if integration.status == IntegrationStatus.ERROR:
            integration.status, integration.last_error_message = IntegrationStatus.ACTIVE, ""
        integration.settings = {**integration.settings, **kept(tokens.answer, provider.config)}
        integration.save(update_fields=["account_id", "status", "last_error_message", "settings", "updated_at"])
        attempt.secret, attempt.outcome = {}, "connected"  # type: ignore[assignment]
        attempt.save(update_fields=["secret", "outcome"])
    attempt.integration = integration


def _give_back(tokens: Tokens, provider: OAuthProvider, integration: Integration) -> None:
    """Tokens that will not be used are revoked, unless the sign-in that is in force could die with them: some
    providers hold one grant per person and app."""
    if OAuthGrant.objects.filter(integration=integration, state="CONNECTED").exists():
        return
    try:
        provider.revoke(tokens.refresh or tokens.access)
    except ConnectorError as problem:
        stored.LOG.warning("Tokens of '%s' could not be revoked: %s", integration, problem.message)


def _refused(attempt: OAuthAttempt, sentence: str) -> SignInRefused:
    attempt.secret, attempt.outcome = {}, sentence  # type: ignore[assignment]
    attempt.save(update_fields=["secret", "outcome"])
    return SignInRefused(sentence, attempt)


def _with_callback(tokens: Tokens, extras: Mapping[str, str]) -> Tokens:
    answer: dict[str, Any] = {**tokens.answer, "callback": dict(extras)}
    return Tokens(tokens.access, tokens.refresh, tokens.expires_at, tokens.refresh_expires_at, tokens.scopes, answer)


def _secret(attempt: OAuthAttempt) -> dict[str, Any]:
    return dict(attempt.secret)
