"""The kit's OAuth2: what is sent, and what each answer means."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from connectors.base.auth import OAuth2Config
from connectors.base.errors import AuthError, ConfigError, ConnectorError, Transient, UnknownOutcome
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.oauth import OAuthClient, OAuthProvider, account_in, kept, located, read_tokens

from ..clock import EagerClock

CLIENT = OAuthClient("our id", "our:secret & more")
URLS: dict[str, Any] = {"authorize_url": "https://a.example/authorize", "token_url": "https://a.example/token"}
GOOD = {"access_token": "fresh-access", "refresh_token": "fresh-refresh", "expires_in": 3600, "token_type": "bearer"}
CLOCK = EagerClock()


class Wire:
    """Answers with what it was given and keeps what it was sent."""

    def __init__(self, status: int = 200, answer: Any = None, headers: dict[str, str] | None = None) -> None:
        self.sent: list[HttpRequest] = []
        self.response = HttpResponse(status, headers or {}, answer if isinstance(answer, bytes) else _json(answer))

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
        self.sent.append(request)
        return self.response

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.sent[-1].body.decode()).items()}


def _json(answer: Any) -> bytes:
    return orjson.dumps(GOOD if answer is None else answer)


def provider(wire: Any, client: OAuthClient = CLIENT, **config: Any) -> OAuthProvider:
    made = OAuth2Config(**{**URLS, **config})
    return OAuthProvider(
        made, client, redirect_uri="https://us.example/back", transport=wire, clock=CLOCK, label="Acme"
    )


def test_the_challenge_is_that_of_rfc_7636() -> None:
    url = provider(Wire(), scopes=("a", "b")).authorize_url("the state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked == {
        "response_type": "code",
        "client_id": "our id",
        "redirect_uri": "https://us.example/back",
        "scope": "a b",
        "state": "the state",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }


def test_a_provider_that_takes_no_challenge_gets_none() -> None:
    wire = Wire()
    made = provider(wire, pkce=False, scopes=("a", "b"), separator=",", authorize_params={"access_type": "offline"})
    asked = parse_qs(urlsplit(made.authorize_url("s", "v" * 43)).query)
    assert ("code_challenge" in asked, asked["scope"], asked["access_type"]) == (False, ["a,b"], ["offline"])
    made.exchange("c", "v" * 43)
    assert "code_verifier" not in wire.form


def test_the_client_proves_itself_in_the_body() -> None:
    wire = Wire()
    tokens = provider(wire).exchange("the code", "v" * 43)
    assert wire.form == {
        "grant_type": "authorization_code",
        "code": "the code",
        "redirect_uri": "https://us.example/back",
        "code_verifier": "v" * 43,
        "client_id": "our id",
        "client_secret": "our:secret & more",
    }
    assert (tokens.access, tokens.refresh) == ("fresh-access", "fresh-refresh")


def test_or_in_the_header() -> None:
    wire = Wire()
    provider(wire, token_auth="basic").refresh("old")
    assert wire.sent[0].headers["Authorization"] == "Basic " + b64encode(b"our id:our:secret & more").decode()
    assert wire.form == {"grant_type": "refresh_token", "refresh_token": "old"}


def test_or_in_json() -> None:
    wire = Wire()
    provider(wire, token_auth="json").refresh("old")
    assert wire.sent[0].headers["Content-Type"] == "application/json"
    assert orjson.loads(wire.sent[0].body) == {
        "grant_type": "refresh_token",
        "refresh_token": "old",
        "client_id": "our id",
        "client_secret": "our:secret & more",
    }


def test_a_public_client_says_who_it_is_and_no_secret() -> None:
    wire = Wire()
    provider(wire, OAuthClient("public")).exchange("c", "v" * 43)
    assert (wire.form["client_id"], "client_secret" in wire.form) == ("public", False)


def test_the_clients_own_token() -> None:
    wire = Wire()
    provider(wire, grant="client_credentials", scopes=("r", "w"), token_params={"tenant": "7"}).client_credentials()
    assert (wire.form["grant_type"], wire.form["scope"], wire.form["tenant"]) == ("client_credentials", "r w", "7")


def test_revoking() -> None:
    wire = Wire(answer={})
    provider(wire).revoke("t")
    assert wire.sent == []
    provider(wire, revoke_url="https://a.example/revoke").revoke("t")
    assert (wire.sent[0].url, wire.form["token"]) == ("https://a.example/revoke", "t")


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been revoked."}, AuthError),
        (200, {"ok": False, "error": "invalid_code"}, AuthError),
        (401, {"error": "invalid_client"}, ConfigError),
        (400, {"error": "unsupported_grant_type"}, ConfigError),
        (404, b"<html>", ConnectorError),
        (200, b"<html>", ConfigError),
        (200, {"token_type": "bearer"}, ConfigError),
        (302, b"", ConfigError),
        (429, {"error": "slow_down"}, Transient),
        (503, b"", Transient),
        (500, {"error": "server_error"}, Transient),
    ],
)
def test_what_answers_mean(status: int, answer: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        provider(Wire(status, answer)).refresh("old-refresh-token")
    assert not isinstance(raised.value, UnknownOutcome)


def test_nothing_is_repeated_when_the_answer_is_lost() -> None:
    class Lost(Wire):
        def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
            super().send(request, timeout=timeout)
            raise UnknownOutcome("lost")

    wire = Lost()
    with pytest.raises(UnknownOutcome):
        provider(wire).refresh("old")
    assert len(wire.sent) == 1


def test_what_a_provider_quotes_is_hidden() -> None:
    words = "no such token old-refresh-token for client our:secret & more"
    with pytest.raises(AuthError) as raised:
        provider(Wire(400, {"error": "invalid_grant", "error_description": words})).refresh("old-refresh-token")
    assert str(raised.value) == (
        "Acme no longer accepts this sign-in (no such token [redacted] for client [redacted])."
    )
    assert "secret" not in repr(CLIENT)


@pytest.mark.parametrize(
    ("life", "seconds"),
    [(3600, 3600), ("1800", 1800), (0, None), (None, None), ("soon", None), (-5, None), (1e9, 10**9)],
)
def test_the_life_of_a_token(life: Any, seconds: int | None) -> None:
    now = CLOCK.now()
    tokens = read_tokens({"access_token": "a", "expires_in": life}, OAuth2Config("", ""), now)
    assert tokens.expires_at == (now + timedelta(seconds=seconds) if seconds else None)


def test_the_life_of_a_refresh_token_is_told_or_known() -> None:
    now = CLOCK.now()
    told = read_tokens({"access_token": "a", "x_refresh_token_expires_in": 100}, OAuth2Config("", ""), now)
    known = read_tokens({"access_token": "a"}, OAuth2Config("", "", refresh_lifetime=60), now)
    assert (told.refresh_expires_at, known.refresh_expires_at) == (
        now + timedelta(seconds=100), now + timedelta(seconds=60),
    )  # fmt: skip


def test_what_a_token_answer_names_beside_the_tokens() -> None:
    config = OAuth2Config("", "", account="data.gid", keep={"realm": "callback.realmId", "host": "instance_url"})
    answer = {"data": {"gid": 7}, "callback": {"realmId": "123"}, "instance_url": ""}
    assert (account_in(answer, config), kept(answer, config)) == ("7", {"realm": "123"})


@pytest.mark.parametrize(
    ("base_url", "allow", "token_url"),
    [
        ("http://127.0.0.1:9/acme/api/1.0", True, "http://127.0.0.1:9/acme/-/token"),
        ("http://127.0.0.1:9/acme/api/1.0", False, "https://acme.example/-/token"),
        ("https://eu.acme.example/api/1.0", True, "https://acme.example/-/token"),
        ("https://acme.example/api/1.0", True, "https://acme.example/-/token"),
    ],
)
def test_a_sandbox_brings_its_own_sign_in(base_url: str, allow: bool, token_url: str) -> None:
    config = OAuth2Config("https://acme.example/-/authorize", "https://acme.example/-/token")
    found = located(config, "https://acme.example/api/1.0", base_url, {}, allow_private=allow)
    assert (found.token_url, found.revoke_url) == (token_url, "")


def test_addresses_may_name_settings() -> None:
    config = OAuth2Config("https://{settings.domain}/a", "https://{settings.domain}/t")
    found = located(config, "", "https://x.example", {"domain": "mine.example"}, allow_private=False)
    assert found.token_url == "https://mine.example/t"
    with pytest.raises(ConfigError, match="domain"):
        located(config, "", "https://x.example", {}, allow_private=False)
