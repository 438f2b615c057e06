"""Each auth kind on the wire."""

import base64

import pytest

from connectors.base.errors import AuthError, ConfigError
from connectors.base.http import HttpResponse

from .helpers import document, ids, json, requests, told

EMPTY = json([])


def sent(auth, credentials, **more):
    connector = told(document({"list": {}}, **{"auth": auth, **more}), EMPTY, credentials=credentials)
    ids(connector)
    return requests(connector)[-1]


def test_bearer():
    assert sent({"kind": "bearer"}, {"token": "t0ken-1"}).headers["Authorization"] == "Bearer t0ken-1"


def test_header():
    auth = {"kind": "header", "name": "X-Auth", "value": "users API-Key {key}"}
    assert sent(auth, {"key": "k-1"}).headers["X-Auth"] == "users API-Key k-1"


def test_query():
    assert sent({"kind": "query", "name": "api_key", "value": "{key}"}, {"key": "k 1"}).url.endswith("?api_key=k%201")


def test_basic():
    proof = sent({"kind": "basic", "user": "{token}", "password": "x"}, {"token": "t"}).headers["Authorization"]
    assert base64.b64decode(proof.removeprefix("Basic ")) == b"t:x"


def test_headers_may_hold_credentials_too():
    request = sent({"kind": "bearer"}, {"token": "t", "account": "7"}, headers={"X-Account": "{account}"})
    assert request.headers["X-Account"] == "7"


def test_a_missing_credential_is_named():
    with pytest.raises(ConfigError, match="Account"):
        sent({"kind": "bearer"}, {"token": "t"}, headers={"X-Account": "{account}"})


def test_without_an_auth_section_the_credentials_decide():
    config = document({"list": {}})
    del config["auth"]
    connector = told(config, EMPTY, credentials={"token": "t"}, auth_type="BEARER_TOKEN")
    ids(connector)
    assert requests(connector)[0].headers["Authorization"] == "Bearer t"


LOGIN = {
    "kind": "login",
    "post": "/auth/login",
    "body": {"email": "{email}", "password": "{password}"},
    "token": "data.access_token",
    "expires": "data.expires",
    "expires_unit": "ms",
    "header": "Authorization: Bearer {token}",
}
PERSON = {"email": "a@example.com", "password": "secret-1"}


def entry(token):
    return json({"data": {"access_token": token, "expires": 900_000}})


def test_login_carries_the_token_of_its_answer():
    connector = told(document({"list": {}}, auth=LOGIN), entry("one"), EMPTY, credentials=PERSON)
    ids(connector)
    login, listing = requests(connector)
    assert (login.url, login.body) == (
        "https://api.example.com/v1/auth/login",
        b'{"email":"a@example.com","password":"secret-1"}',
    )
    assert listing.headers["Authorization"] == "Bearer one"


def test_login_is_repeated_once_when_the_token_is_refused():
    refused = HttpResponse(403, {}, b'{"error": "Token expired"}')
    connector = told(document({"list": {}}, auth=LOGIN), entry("one"), refused, entry("two"), EMPTY, credentials=PERSON)
    ids(connector)
    assert requests(connector)[-1].headers["Authorization"] == "Bearer two"
    assert len(requests(connector)) == 4


def test_login_is_renewed_a_minute_before_it_expires():
    answers = (entry("one"), EMPTY, EMPTY, entry("two"), EMPTY)
    connector = told(document({"list": {}}, auth=LOGIN), *answers, credentials=PERSON)
    ids(connector)
    connector.context.clock.seconds += 839
    ids(connector)
    connector.context.clock.seconds += 2
    ids(connector)
    proofs = [r.headers.get("Authorization") for r in requests(connector) if r.method == "GET"]
    assert proofs == ["Bearer one", "Bearer one", "Bearer two"]


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "oauth2_code", "authorize_url": "https://a.example/o", "token_url": "https://a.example/t"},
        {"kind": "oauth2_client", "token_url": "https://a.example/t", "scope": "read write"},
    ],
)
def test_oauth2_takes_its_token_from_the_integration(auth):
    connector = told(document({"list": {}}, auth=auth), EMPTY, token=lambda stale=None: "access")
    ids(connector)
    assert requests(connector)[0].headers["Authorization"] == "Bearer access"


def test_the_check_reads_account_and_required_path():
    config = document(check={"path": "/me?fields=id", "require": "data.id", "account": "data.id"})
    connector = told(config, json({"data": {"id": 5}}))
    assert connector.test().id == "5"
    assert requests(connector)[0].url.endswith("/me?fields=id")
    with pytest.raises(ConfigError, match=r"data\.id"):
        told(config, json({"data": {}})).test()


@pytest.mark.parametrize("status", [401, 403])
def test_the_check_tells_bad_credentials(status):
    with pytest.raises(AuthError):
        told(document(check={"path": "/me"}), json({"error": "no"}, status)).test()


def test_no_configuration_says_what_to_do():
    connector = told({})
    with pytest.raises(ConfigError, match="preset"):
        connector.test()
