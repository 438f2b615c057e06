"""A twin's authorization server: a consent page for a person, codes with PKCE, tokens that expire and rotate,
reuse detection, revocation. Mix `SignsIn` into a twin and name the provider's own paths."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from ..http import HttpResponse
from ..ports import Clock, Ids
from .calls import Call, Route, json_response, route
from .twin import Twin

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-client-secret"
ASKED = (
    "client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge", "code_challenge_method",
)  # fmt: skip


class Denied(Exception):
    """The answer of RFC 6749 to a call that is refused."""

    def __init__(self, error: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.error = error
        self.words = words
        self.status = status


@dataclass(frozen=True)
class OAuthPaths:
    """Where the provider has its pages, below the twin's slug."""

    authorize: str
    token: str
    revoke: str = ""


@dataclass
class Grant:
    """One consent of one person; its tokens die with it. `refresh` maps a refresh token to when it was spent."""

    user: str
    scope: str
    revoked: bool = False
    access: dict[str, datetime] = field(default_factory=dict)
    refresh: dict[str, datetime | None] = field(default_factory=dict)


@dataclass
class _Code:
    asked: Mapping[str, str]
    user: str
    until: datetime
    grant: Grant | None = None


class AuthorizationServer:
    """rotate      a refresh answers with a new refresh token and spends the old one
    on_reuse    what a spent refresh token does: "reject" it, or "revoke" everything of that consent
    grace       seconds that a spent refresh token still works (Xero: 1800)
    lives       of access tokens, refresh tokens (None = for ever) and codes, in seconds
    """

    def __init__(self, clock: Clock, ids: Ids, options: Mapping[str, Any]) -> None:
        self._clock = clock
        self._ids = ids
        self.clients: dict[str, str] = {CLIENT_ID: CLIENT_SECRET, **options.get("clients", {})}
        self.rotate: bool = options.get("rotate", False)
        self.on_reuse: Literal["reject", "revoke"] = options.get("on_reuse", "revoke")
        self.grace: float = options.get("grace", 0)
        self.access_life: float = options.get("access_life", 3600)
        self.refresh_life: float | None = options.get("refresh_life")
        self.code_life: float = options.get("code_life", 600)
        self.clear()

    def clear(self) -> None:
        self.grants: list[Grant] = []
        self._codes: dict[str, _Code] = {}
        self._issued: dict[str, datetime] = {}

    def people(self) -> dict[str, str]:
        """Access tokens in force and the user behind each."""
        now = self._clock.now()
        return {
            token: grant.user
            for grant in self.grants
            if not grant.revoked
            for token, until in grant.access.items()
            if until > now
        }

    def revoke_everything(self) -> None:
        """A person takes the consent back in the provider's own screen."""
        for grant in self.grants:
            grant.revoked = True

    # The consent page.

    def check(self, asked: Mapping[str, str]) -> None:
        """What stands before any redirect: a wrong client or address is told to the person. Raises `Denied`."""
        if asked.get("client_id") not in self.clients:
            raise Denied("invalid_client", "This app is not known here.", 401)
        if urlsplit(asked.get("redirect_uri", "")).scheme not in ("http", "https"):
            raise Denied("invalid_request", "The redirect URI is not one of this app.")
        if asked.get("response_type") != "code":
            raise Denied("unsupported_response_type", "Only response_type=code is offered.")
        if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
            raise Denied("invalid_request", "Only S256 challenges are taken.")

    def allow(self, asked: Mapping[str, str], user: str) -> str:
        """A person agrees. Returns where the browser goes."""
        code = f"code-{self._ids.new()}"
        self._codes[code] = _Code(dict(asked), user, self._clock.now() + timedelta(seconds=self.code_life))
        return _back(asked, code=code)

    def deny(self, asked: Mapping[str, str]) -> str:
        return _back(asked, error="access_denied", error_description="The person did not agree.")

    # The token URL.

    def token(self, client: tuple[str, str], sent: Mapping[str, str]) -> tuple[Grant, dict[str, Any]]:
        """The answer to a token call, and whose it is. Raises `Denied`."""
        if client[0] not in self.clients or self.clients[client[0]] != client[1]:
            raise Denied("invalid_client", "Client authentication failed.", 401)
        match sent.get("grant_type"):
            case "authorization_code":
                grant = self._redeem(client[0], sent)
                return grant, self._issue(grant, refresh=True)
            case "refresh_token":
                grant = self._spend(sent.get("refresh_token", ""))
                return grant, self._issue(grant, refresh=self.rotate)
            case "client_credentials":
                grant = Grant("1", sent.get("scope", ""))
                self.grants.append(grant)
                return grant, self._issue(grant, refresh=False)
        raise Denied("unsupported_grant_type", "This grant type is not offered.")

    def revoke(self, token: str) -> None:
        for grant in self.grants:
            grant.revoked = grant.revoked or token in grant.refresh or token in grant.access

    def _redeem(self, client_id: str, sent: Mapping[str, str]) -> Grant:
        code = self._codes.get(sent.get("code", ""))
        if code is None or code.asked["client_id"] != client_id or code.until <= self._clock.now():
            raise Denied("invalid_grant", "The code is not valid or has expired.")
        if code.grant is not None:  # RFC 6749, 4.1.2: a code that comes twice takes its tokens with it
            code.grant.revoked = True
            raise Denied("invalid_grant", "The code has been used before.")
        if sent.get("redirect_uri") != code.asked["redirect_uri"]:
            raise Denied("invalid_grant", "The redirect URI is not the one that the code was asked for with.")
        wanted = code.asked.get("code_challenge", "")
        if wanted and _challenge(sent.get("code_verifier", "")) != wanted:
            raise Denied("invalid_grant", "The code verifier does not fit the challenge.")
        code.grant = Grant(code.user, code.asked.get("scope", ""))
        self.grants.append(code.grant)
        return code.grant

    def _spend(self, token: str) -> Grant:
        grant = next((one for one in self.grants if token in one.refresh), None)
        now = self._clock.now()
        if grant is None or grant.revoked or self._too_old(token, now):
            raise Denied("invalid_grant", "The refresh token is not valid, has expired or was revoked.")
        spent = grant.refresh[token]
        if spent is not None and now >= spent + timedelta(seconds=self.grace):
            grant.revoked = grant.revoked or self.on_reuse == "revoke"
            raise Denied("invalid_grant", "The refresh token has been used before.")
        if self.rotate:
            grant.refresh[token] = spent or now
        return grant

    def _too_old(self, token: str, now: datetime) -> bool:
        return self.refresh_life is not None and now >= self._issued[token] + timedelta(seconds=self.refresh_life)

    def _issue(self, grant: Grant, *, refresh: bool) -> dict[str, Any]:
        now = self._clock.now()
        access = f"sandbox-access-{self._ids.new()}"
        grant.access[access] = now + timedelta(seconds=self.access_life)
        answer: dict[str, Any] = {"access_token": access, "token_type": "bearer", "expires_in": int(self.access_life)}
        if refresh:
            token = f"sandbox-refresh-{self._ids.new()}"
            grant.refresh[token], self._issued[token] = None, now
            answer["refresh_token"] = token
        return answer | ({"scope": grant.scope} if grant.scope else {})


class SignsIn(Twin):
    """A twin that hands out tokens. `settings["oauth"]` are the options of `AuthorizationServer`."""

    oauth_paths: ClassVar[OAuthPaths]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.oauth = AuthorizationServer(self.clock, self.ids, self.settings.get("oauth", {}))
        self._routes = [*_routes(self.oauth_paths), *self._routes]

    def reset(self) -> None:
        super().reset()
        self.oauth.clear()

    def accounts(self) -> Mapping[str, str]:
        """Who may sign in: id and name."""
        return {"1": "Sandbox"}

    def token_extras(self, user: str) -> Mapping[str, Any]:
        """What this provider adds to a token answer."""
        return {}

    def callback_extras(self, user: str) -> Mapping[str, str]:
        """What this provider adds to the way back (QuickBooks: `realmId`)."""
        return {}

    def show_consent(self, call: Call) -> HttpResponse:
        """The page a person sees."""
        asked = {name: call.query[name] for name in ASKED if name in call.query}
        try:
            self.oauth.check(asked)
        except Denied as denied:
            return _page(denied.status, f"<p>{escape(denied.words)}</p>")
        return _page(200, _form(self.slug, asked, self.accounts()))

    def take_consent(self, call: Call) -> HttpResponse:
        """What the person pressed."""
        sent = _sent(call)
        asked = {name: sent[name] for name in ASKED if name in sent}
        try:
            self.oauth.check(asked)
        except Denied as denied:
            return _page(denied.status, f"<p>{escape(denied.words)}</p>")
        if sent.get("decision") != "allow":
            return HttpResponse(302, {"location": self.oauth.deny(asked)})
        user = sent.get("user") or next(iter(self.accounts()))
        target = self.oauth.allow(asked, user)
        extras = self.callback_extras(user)
        return HttpResponse(302, {"location": f"{target}&{urlencode(extras)}" if extras else target})

    def give_token(self, call: Call) -> HttpResponse:
        """The token URL."""
        sent = _sent(call)
        try:
            grant, answer = self.oauth.token(_client(call, sent), sent)
        except Denied as denied:
            return json_response(denied.status, {"error": denied.error, "error_description": denied.words})
        return json_response(200, {**answer, **self.token_extras(grant.user)})

    def take_back(self, call: Call) -> HttpResponse:
        """The revoke URL, which says yes to everything (RFC 7009)."""
        self.oauth.revoke(_sent(call).get("token", ""))
        return json_response(200, {})


def _routes(paths: OAuthPaths) -> list[Route]:
    known = [
        ("GET", paths.authorize, SignsIn.show_consent),
        ("POST", paths.authorize, SignsIn.take_consent),
        ("POST", paths.token, SignsIn.give_token),
        ("POST", paths.revoke, SignsIn.take_back),
    ]
    made: list[Route] = []
    for method, path, handler in known:
        if path:

            def handle(twin: Any, call: Call, handler: Any = handler) -> HttpResponse:
                answer: HttpResponse = handler(twin, call)
                return answer

            made += route(method, path, auth=False)(handle).__dict__["routes"]
    return made


def _sent(call: Call) -> dict[str, str]:
    if "json" in call.headers.get("content-type", ""):
        return {name: str(value) for name, value in orjson.loads(call.request.body or b"{}").items()}
    return dict(parse_qsl(call.request.body.decode(), keep_blank_values=True))


def _client(call: Call, sent: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return sent.get("client_id", ""), sent.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _back(asked: Mapping[str, str], **told: str) -> str:
    return f"{asked['redirect_uri']}?{urlencode({**told, **({'state': asked['state']} if 'state' in asked else {})})}"


def _page(status: int, body: str) -> HttpResponse:
    page = f"<!DOCTYPE html><html><head><title>Sandbox</title></head><body>{body}</body></html>"
    return HttpResponse(status, {"content-type": "text/html; charset=utf-8"}, page.encode())


def _form(slug: str, asked: Mapping[str, str], accounts: Mapping[str, str]) -> str:
    hidden = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in asked.items())
    people = "".join(
        f'<p><label><input type="radio" name="user" value="{escape(key)}"{" checked" if not at else ""}> '
        f"{escape(name)}</label></p>"
        for at, (key, name) in enumerate(accounts.items())
    )
    return (
        f"<h1>Sandbox of {escape(slug)}</h1><p>Lockstep asks to read and change your data. Sign in as:</p>"
        f'<form method="post">{hidden}{people}<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></form>'
    )
