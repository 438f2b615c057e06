"""OAuth2 at a provider, by Authlib over the kit's own HTTP: the authorize URL, the token URL, the revoke URL.

Authlib knows the protocol; its session is the kit's transport, so the guard against private addresses, the
refusal of redirects and the limits hold here too. Nothing is repeated: a token call may spend what it sends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from .answers import ErrorRules, error_for
from .auth import OAuth2Config
from .errors import AuthError, ConfigError, ConnectorError, Transient
from .guard import is_public
from .http import HttpRequest, HttpResponse, Transport
from .paths import get_path
from .ports import Clock
from .redaction import redact_text
from .templates import fill

TIMEOUT = 10.0
# What providers say when a code, a refresh token or the whole sign-in is spent, expired or revoked.
SPENT = frozenset({
    "invalid_grant", "invalid_code", "code_already_used", "code_expired", "invalid_refresh_token",
    "bad_refresh_token", "token_revoked", "token_expired", "access_denied",
})  # fmt: skip
_METHODS = {"body": "client_secret_post", "json": "client_secret_post", "basic": "client_secret_basic"}


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Our application at the provider. Without a secret it is a public client, which PKCE protects."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token call brought. `refresh` "" = none came; stamps None = not told; `answer` is all of it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    scopes: tuple[str, ...]
    answer: Mapping[str, Any] = field(repr=False)


class OAuthProvider:
    """The provider's authorization server as one client sees it. Raises, from every token call:

    AuthError       the code, the refresh token or the sign-in is spent: a person must sign in again
    ConfigError     the client or the request is not accepted
    Transient       no answer worth the name; what was sent may be tried again
    UnknownOutcome  the answer got lost: what was sent may be spent
    """

    def __init__(
        self,
        config: OAuth2Config,
        client: OAuthClient,
        *,
        redirect_uri: str,
        transport: Transport,
        clock: Clock,
        label: str = "The provider",
    ) -> None:
        self.config = config
        self.client = client
        self._redirect_uri = redirect_uri
        self._transport = transport
        self._clock = clock
        self._label = label

    def authorize_url(self, state: str, verifier: str) -> str:
        """Where the person goes. `verifier` is kept for `exchange`."""
        extras = {**self.config.authorize_params}
        if self.config.scopes:
            extras["scope"] = self.config.separator.join(self.config.scopes)
        url, _ = self._authlib().create_authorization_url(
            self.config.authorize_url, state=state, code_verifier=verifier if self.config.pkce else None, **extras
        )
        return str(url)

    def exchange(self, code: str, verifier: str) -> Tokens:
        """The tokens for a code, which is spent by asking."""
        more = {"code_verifier": verifier} if self.config.pkce else {}
        return self._tokens("authorization_code", code=code, redirect_uri=self._redirect_uri, **more)

    def refresh(self, refresh_token: str) -> Tokens:
        """Fresh tokens. Where the provider rotates, the given token is spent by asking."""
        return self._tokens("refresh_token", refresh_token=refresh_token)

    def client_credentials(self) -> Tokens:
        """A token for the client itself."""
        scope = self.config.separator.join(self.config.scopes)
        return self._tokens("client_credentials", **({"scope": scope} if scope else {}))

    def revoke(self, token: str) -> None:
        """Ends the sign-in at the provider, where it has an address for that."""
        if self.config.revoke_url:
            session = self._session({token})
            self._authlib(session).revoke_token(self.config.revoke_url, token=token)

    def _tokens(self, grant: str, **params: str) -> Tokens:
        from authlib.oauth2.base import OAuth2Error

        sent_at = self._clock.now()
        session = self._session(set(params.values()))
        try:
            answer = self._authlib(session).fetch_token(
                self.config.token_url, grant_type=grant, **{**self.config.token_params, **params}
            )
        except OAuth2Error as refused:
            raise self._refusal(refused, session) from None
        except ValueError as problem:
            raise ConfigError(f"{self._label} answered the token call with something else than tokens.") from problem
        return read_tokens(dict(answer), self.config, sent_at)

    def _refusal(self, refused: Any, session: _Session) -> ConnectorError:
        code, words = str(refused.error), str(refused.description or refused.error)
        said = session.hidden(words).rstrip(".")
        if code in SPENT:
            return AuthError(f"{self._label} no longer accepts this sign-in ({said}).", status=400, provider_code=code)
        if code in ("invalid_client", "unauthorized_client"):
            return ConfigError(f"{self._label} does not accept the client ID or the client secret ({said}).")
        return ConfigError(f"{self._label} refused the token call ({said}).", provider_code=code)

    def _session(self, secrets: set[str]) -> _Session:
        return _Session(
            self._transport,
            self._clock,
            as_json=self.config.token_auth == "json",
            secrets={*secrets, self.client.secret},
        )

    def _authlib(self, session: _Session | None = None) -> Any:
        from authlib.oauth2.client import OAuth2Client  # costs 40 ms, and few commands sign in

        method = _METHODS[self.config.token_auth] if self.client.secret else "none"
        return OAuth2Client(
            session,
            client_id=self.client.id,
            client_secret=self.client.secret,
            redirect_uri=self._redirect_uri,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            code_challenge_method="S256",
        )


def read_tokens(answer: Mapping[str, Any], config: OAuth2Config, sent_at: datetime) -> Tokens:
    """The answer of a token URL. Lives are counted from when the call was sent: never too long. 0 or nothing =
    no known end."""
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        raise ConfigError("The provider answered the token call without an access token.")
    life = _seconds(answer.get("expires_in"))
    refresh_life = _seconds(answer.get("refresh_token_expires_in") or answer.get("x_refresh_token_expires_in")
                            or answer.get("refresh_expires_in")) or config.refresh_lifetime  # fmt: skip
    refresh = answer.get("refresh_token")
    return Tokens(
        access=access,
        refresh=refresh if isinstance(refresh, str) else "",
        expires_at=sent_at + timedelta(seconds=life) if life else None,
        refresh_expires_at=sent_at + timedelta(seconds=refresh_life) if refresh_life else None,
        scopes=_scopes(answer.get("scope")),
        answer=answer,
    )


def located(
    config: OAuth2Config, default_base: str, base_url: str, settings: Mapping[str, Any], *, allow_private: bool
) -> OAuth2Config:
    """The configuration with its URLs filled in. An integration whose base URL is on a private host (a sandbox,
    where the installation allows them) signs in there too: same paths, below the same prefix."""
    names = {"settings": settings}
    prefix = None
    if allow_private and is_moved(default_base, base_url):
        prefix = base_url.rstrip("/").removesuffix(urlsplit(default_base).path.rstrip("/"))

    def place(template: str) -> str:
        url = fill(template, names)
        return prefix + urlsplit(url).path if prefix and url else url

    return replace(
        config,
        authorize_url=place(config.authorize_url),
        token_url=place(config.token_url),
        revoke_url=place(config.revoke_url),
    )


def is_moved(default_base: str, base_url: str) -> bool:
    """Whether a provider with an address of its own is reached at a private one."""
    host = urlsplit(base_url).hostname or ""
    if not default_base or host == urlsplit(default_base).hostname:
        return False
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return host == "localhost"


def account_in(answer: Mapping[str, Any], config: OAuth2Config) -> str:
    """Who signed in, as the token answer names it; "" = it does not."""
    return str(get_path(answer, config.account, "") or "") if config.account else ""


def kept(answer: Mapping[str, Any], config: OAuth2Config) -> dict[str, Any]:
    """Settings that the answer brings."""
    found = {setting: get_path(answer, path) for setting, path in config.keep.items()}
    return {setting: value for setting, value in found.items() if value not in (None, "")}


@dataclass
class _Answer:
    """The little of a `requests` answer that Authlib reads."""

    response: HttpResponse
    problem: ConnectorError

    @property
    def status_code(self) -> int:
        return self.response.status

    def json(self) -> Any:
        return orjson.loads(self.response.body)

    def raise_for_status(self) -> None:
        if self.response.status >= 400:
            raise self.problem


class _Session:
    """What Authlib posts with."""

    def __init__(self, transport: Transport, clock: Clock, *, as_json: bool, secrets: set[str]) -> None:
        self._transport = transport
        self._clock = clock
        self._as_json = as_json
        self._secrets = secrets

    def hidden(self, text: str) -> str:
        return re.sub(r"\s+", " ", redact_text(text, self._secrets))[:200]

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> _Answer:
        """Raises `Transient` for 429 and 5xx, `ConfigError` for redirects; other answers are Authlib's to read."""
        url, signed, form = auth.prepare("POST", url, dict(headers), urlencode(data))
        body = form.encode()
        if self._as_json:
            from urllib.parse import parse_qsl

            body, signed = orjson.dumps(dict(parse_qsl(form))), {**signed, "Content-Type": "application/json"}
        response = self._transport.send(HttpRequest("POST", url, signed, body), timeout=TIMEOUT)
        problem = self._problem(response)
        if response.status == 429 or response.status >= 500:
            raise problem if isinstance(problem, Transient) else Transient(problem.message, status=response.status)
        if 300 <= response.status < 400:
            raise ConfigError("The token address redirects elsewhere, which is not followed.", status=response.status)
        return _Answer(response, problem)

    def _problem(self, response: HttpResponse) -> ConnectorError:
        try:
            data: Any = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            data = response.body
        now = self._clock.now()
        problem = error_for(response.status, response.headers, data, ErrorRules(), writes=False, now=now)
        problem.message = self.hidden(problem.message)
        problem.args = (problem.message,)
        return problem


def _seconds(value: Any) -> int:
    try:
        return max(0, int(float(value)))
    except (TypeError, ValueError, OverflowError):
        return 0


def _scopes(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(re.split(r"[\s,]+", value.strip())) if value.strip() else ()
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
