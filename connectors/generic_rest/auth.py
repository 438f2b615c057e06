"""The kit's auth kinds, made from the `auth` section; headers with credentials; logins that expire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from connectors.base.auth import (
    ApiKeyHeader,
    ApiKeyQuery,
    Auth,
    Basic,
    BearerToken,
    CredentialField,
    LoginToken,
    NoAuth,
    OAuth2,
    OAuth2Config,
    Query,
    Session,
)
from connectors.base.errors import AuthError
from connectors.base.paths import get_path
from connectors.base.templates import fill, names

from .config import Auth as AuthRule

RENEW_AHEAD = 60.0  # seconds
Options = Mapping[str, Any]


def build(rule: AuthRule, headers: Mapping[str, str]) -> Auth:
    """The auth kind of a configuration. `headers` are templates that every call carries."""
    kind = _BUILD[rule.kind](rule.options)
    return WithHeaders(kind, headers) if headers else kind


@dataclass(frozen=True)
class WithHeaders(Auth):
    """Another kind, and headers that may hold credentials as well (two-header APIs)."""

    inner: Auth
    templates: Mapping[str, str]

    @property
    def serves(self) -> Any:  # type: ignore[override]
        return self.inner.serves

    @property
    def expired(self) -> Sequence[int]:  # type: ignore[override]
        return self.inner.expired

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        own = (name for value in self.templates.values() for name in names(value) if "." not in name)
        more = (CredentialField(name, name.replace("_", " ").capitalize()) for name in own)
        return tuple(dict.fromkeys((*self.inner.fields, *more)))

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        for name, template in self.templates.items():
            headers[name] = fill(template, session.context.names())
        return self.inner.apply(session, headers, query)

    def refresh(self, session: Session, used: str) -> bool:
        return self.inner.refresh(session, used)

    def secret_query_names(self) -> tuple[str, ...]:
        return self.inner.secret_query_names()


@dataclass(frozen=True)
class TimedLogin(LoginToken):
    """A login whose answer tells the token's life at `expires`, in `unit` ("s" or "ms"): renewed a minute early."""

    expires: str = ""
    unit: str = "s"
    _until: dict[str, float] = field(default_factory=dict, compare=False, repr=False)
    serves: ClassVar[Any] = "API_KEY"

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        with session.lock:
            if session.token and session.context.clock.monotonic() >= self._until.get(session.token, float("inf")):
                session.token = ""
        return super().apply(session, headers, query)

    def _login(self, session: Session) -> str:
        body = {key: fill(value, session.context.names()) for key, value in self.body.items()}
        answer = session.login(self.path, body)
        token = get_path(answer, self.token)
        if not isinstance(token, str) or not token:
            raise AuthError(f"The login was answered without a token at {self.token!r}.")
        life = get_path(answer, self.expires) if self.expires else None
        self._until.clear()
        if isinstance(life, (int, float)) and life > 0:
            seconds = life / 1000 if self.unit == "ms" else life
            self._until[token] = session.context.clock.monotonic() + max(seconds - RENEW_AHEAD, seconds / 2)
        session.token = token
        return token


def _login(options: Options) -> Auth:
    name, colon, value = str(options["header"]).partition(":")
    return TimedLogin(
        path=options["post"],
        token=options["token"],
        body=options.get("body") or {"email": "{email}", "password": "{password}"},
        header=name.strip() if colon else "Authorization",
        value=value.strip() if colon else name,
        expired=tuple(options.get("expired_status") or (401, 403)),
        expires=options.get("expires", ""),
        unit=options.get("expires_unit", "s"),
    )


def _oauth2_code(options: Options) -> Auth:
    return OAuth2(
        OAuth2Config(
            authorize_url=options["authorize_url"],
            token_url=options["token_url"],
            scopes=tuple(options.get("scopes") or ()),
            separator=options.get("separator", " "),
            token_auth=options.get("token_auth", "body"),
            pkce=options.get("pkce", True),
        )
    )


def _oauth2_client(options: Options) -> Auth:
    return OAuth2(
        OAuth2Config(
            authorize_url="",
            token_url=options["token_url"],
            scopes=tuple(str(options.get("scope", "")).split()),
            token_auth=options.get("token_auth", "body"),
            grant="client_credentials",
            refresh_ahead=int(RENEW_AHEAD),
            token_params=dict(options.get("fields") or {}),
        )
    )


_BUILD: dict[str, Callable[[Options], Auth]] = {
    "none": lambda options: NoAuth(),
    "bearer": lambda options: BearerToken(),
    "header": lambda options: ApiKeyHeader(options["name"], options["value"]),
    "query": lambda options: ApiKeyQuery({options["name"]: options["value"]}),
    "basic": lambda options: Basic(options["user"], options.get("password", "")),
    "oauth2_code": _oauth2_code,
    "oauth2_client": _oauth2_client,
    "login": _login,
}
