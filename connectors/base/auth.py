"""How a request proves who it is. A kind is data; what changes (tokens) lives in the `Session`.

Kinds are applied only to requests for the origin of the base URL; the client sees to that.
"""

from __future__ import annotations

import base64
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from .context import Context
from .errors import AuthError, ConfigError
from .paths import get_path
from .templates import fill, names

AuthType = Literal["API_KEY", "OAUTH2", "BASIC_AUTH", "BEARER_TOKEN", "NONE"]
Query = list[tuple[str, str]]
LoginCall = Callable[[str, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One input of the credentials form."""

    name: str
    label: str
    secret: bool = True
    required: bool = True


@dataclass
class Session:
    """Auth of one client. `login` sends an unauthenticated JSON POST and returns the answer."""

    context: Context
    login: LoginCall
    token: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Auth(ABC):
    """serves: R1's authType. expired: statuses that ask for a fresh token."""

    serves: ClassVar[AuthType]
    expired: Sequence[int] = (401,)

    @property
    @abstractmethod
    def fields(self) -> tuple[CredentialField, ...]:
        """What the credentials form asks for."""

    @abstractmethod
    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        """Adds the proof. Returns the token that was used, "" where tokens do not change."""

    def refresh(self, session: Session, used: str) -> bool:
        """After a refusal of `used`: True if there is a newer token and one more try makes sense."""
        return False

    def secret_query_names(self) -> tuple[str, ...]:
        return ()

    def check(self, credentials: Mapping[str, Any]) -> None:
        """Raises `ConfigError` naming the fields that are missing. For forms and before the first call."""
        missing = [each.label for each in self.fields if each.required and not credentials.get(each.name)]
        if missing:
            raise ConfigError(f"Credentials are incomplete: {_listed(missing)} missing.")


@dataclass(frozen=True)
class NoAuth(Auth):
    serves: ClassVar[AuthType] = "NONE"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return ()

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        return ""


@dataclass(frozen=True)
class ApiKeyHeader(Auth):
    """`value` is a template of credential names: "{api_key}", "users API-Key {api_key}"."""

    name: str = "X-Api-Key"
    value: str = "{api_key}"
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    serves: ClassVar[AuthType] = "API_KEY"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return _fields_of(self.value) + _extra_fields(self.extra_headers)

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        headers[self.name] = fill(self.value, session.context.names())
        _add_extra(headers, self.extra_headers, session.context)
        return ""


@dataclass(frozen=True)
class ApiKeyQuery(Auth):
    """Query parameters that hold credentials, by template: {"key": "{api_key}", "token": "{token}"}."""

    params: Mapping[str, str] = field(default_factory=lambda: {"api_key": "{api_key}"})
    serves: ClassVar[AuthType] = "API_KEY"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return tuple(dict.fromkeys(each for value in self.params.values() for each in _fields_of(value)))

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        query.extend((name, fill(value, session.context.names())) for name, value in self.params.items())
        return ""

    def secret_query_names(self) -> tuple[str, ...]:
        return tuple(self.params)


@dataclass(frozen=True)
class BearerToken(Auth):
    """`extra_headers` maps a header to the credential or setting that it carries."""

    field_name: str = "token"
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    serves: ClassVar[AuthType] = "BEARER_TOKEN"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return (_field(self.field_name), *_extra_fields(self.extra_headers))

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        headers["Authorization"] = f"Bearer {fill('{' + self.field_name + '}', session.context.names())}"
        _add_extra(headers, self.extra_headers, session.context)
        return ""


@dataclass(frozen=True)
class Basic(Auth):
    """HTTP Basic; both sides are templates, so "{token}" with the password "x" works too."""

    user: str = "{username}"
    password: str = "{password}"
    serves: ClassVar[AuthType] = "BASIC_AUTH"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        public = tuple(CredentialField(each.name, each.label, secret=False) for each in _fields_of(self.user))
        hidden = _fields_of(self.password)
        return (public or ()) + hidden if hidden else _fields_of(self.user)

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        known = session.context.names()
        pair = f"{fill(self.user, known)}:{fill(self.password, known)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        return ""


@dataclass(frozen=True)
class OAuth2Config:
    """A provider's OAuth2, as data. `refresh_ahead` and the lifetimes are seconds. URLs may name settings of
    the integration: `https://{settings.domain}/oauth2/token`.

    token_auth          how the client proves itself at the token URL
    separator           between scopes
    refresh_lifetime    of a refresh token whose life the answer does not tell
    account             dotted path into the token answer that names who signed in, besides `check`
    keep                setting -> dotted path into the token answer, stored with the integration's settings;
                        parameters of the callback stand under `callback` (QuickBooks: `callback.realmId`)
    authorize_params    fixed extras of the authorize URL (`access_type=offline`)
    token_params        fixed extras of the token call
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    separator: str = " "
    token_auth: Literal["body", "basic", "json"] = "body"
    pkce: bool = True
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    refresh_ahead: int = 300
    refresh_lifetime: int | None = None
    revoke_url: str = ""
    account: str = ""
    keep: Mapping[str, str] = field(default_factory=dict)
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    token_params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OAuth2(Auth):
    """Access tokens come from `Context.token`; a refused one is replaced once."""

    config: OAuth2Config
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    serves: ClassVar[AuthType] = "OAUTH2"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return (CredentialField("client_id", "Client ID", secret=False), _field("client_secret"))

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        token = _source(session)(None)
        headers["Authorization"] = f"Bearer {token}"
        _add_extra(headers, self.extra_headers, session.context)
        return token

    def refresh(self, session: Session, used: str) -> bool:
        return _source(session)(used) != used


@dataclass(frozen=True)
class LoginToken(Auth):
    """Logs in with a POST and carries the token of the answer (Directus, Payload). One login per refusal.

    body    JSON template by key: {"email": "{email}", "password": "{password}"}
    token   dotted path of the token in the answer
    """

    path: str
    token: str
    body: Mapping[str, str] = field(default_factory=lambda: {"email": "{email}", "password": "{password}"})
    header: str = "Authorization"
    value: str = "Bearer {token}"
    expired: Sequence[int] = (401,)
    serves: ClassVar[AuthType] = "API_KEY"

    @property
    def fields(self) -> tuple[CredentialField, ...]:
        return tuple(dict.fromkeys(each for value in self.body.values() for each in _fields_of(value)))

    def apply(self, session: Session, headers: dict[str, str], query: Query) -> str:
        with session.lock:
            token = session.token or self._login(session)
        headers[self.header] = fill(self.value, {"token": token})
        return token

    def refresh(self, session: Session, used: str) -> bool:
        with session.lock:  # another thread may have logged in meanwhile
            if session.token == used:
                self._login(session)
        return True

    def _login(self, session: Session) -> str:
        body = {key: fill(value, session.context.names()) for key, value in self.body.items()}
        token = get_path(session.login(self.path, body), self.token)
        if not isinstance(token, str) or not token:
            raise AuthError(f"The login was answered without a token at {self.token!r}.")
        session.token = token
        return token


def choose(kinds: Sequence[Auth], context: Context) -> Auth:
    """The kind that serves the integration's authType, else the first whose fields are all filled."""
    if context.auth_type:
        kinds = [each for each in kinds if each.serves == context.auth_type]
        if not kinds:
            raise ConfigError(f"This provider cannot be connected by {context.auth_type}.")
    for each in kinds:
        if all(context.credentials.get(one.name) for one in each.fields if one.required):
            return each
    return kinds[0]


def _source(session: Session) -> Callable[[str | None], str]:
    if session.context.token is None:
        raise AuthError("This integration is not authorised yet. Press Connect and sign in at the provider.")
    return session.context.token


def _field(name: str) -> CredentialField:
    return CredentialField(name, name.replace("_", " ").capitalize())


def _fields_of(template: str) -> tuple[CredentialField, ...]:
    return tuple(_field(name) for name in names(template) if not name.startswith("settings."))


def _extra_fields(extra: Mapping[str, str]) -> tuple[CredentialField, ...]:
    # An id beside the token is no secret, and may be a setting instead: asked for, checked when used.
    return tuple(CredentialField(name, _field(name).label, secret=False, required=False) for name in extra.values())


def _add_extra(headers: dict[str, str], extra: Mapping[str, str], context: Context) -> None:
    for header, name in extra.items():
        headers[header] = fill("{" + name + "}", {**context.settings, **context.credentials})


def _listed(labels: Sequence[str]) -> str:
    return f"{', '.join(labels)} {'is' if len(labels) == 1 else 'are'}"
