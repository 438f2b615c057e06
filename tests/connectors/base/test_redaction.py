import pytest

from connectors.base.redaction import (
    HIDDEN,
    is_secret,
    redact,
    redact_headers,
    redact_text,
    redact_url,
    secret_values,
)


@pytest.mark.parametrize(
    "key",
    ["token", "access_token", "accessToken", "refreshToken", "client_secret", "password", "Authorization", "X-Api-Key",
     "apiKey", "APIKEY", "Set-Cookie", "X-Hook-Signature", "private_key", "code"],
)  # fmt: skip
def test_secret_keys(key):
    assert is_secret(key)


@pytest.mark.parametrize(
    "key", ["title", "tokenized", "token_type", "next_page_token", "sync_token", "secretary", "key", "zipcode"]
)
def test_ordinary_keys(key):
    assert not is_secret(key)


def test_json_is_hidden_by_key_and_by_value():
    body = {"a": [{"password": "x", "note": "use s3cr3tvalue now"}], "token": {"v": "y"}, "secret": None, "n": 1}
    assert redact(body, ["s3cr3tvalue", "x"]) == {
        "a": [{"password": HIDDEN, "note": f"use {HIDDEN} now"}], "token": HIDDEN, "secret": None, "n": 1,
    }  # fmt: skip


def test_urls():
    assert redact_url("https://u:p@h/x?api_key=abc&q=1&k=v", ["k"]) == f"https://h/x?api_key={HIDDEN}&q=1&k={HIDDEN}"
    assert redact_url("https://h/x") == "https://h/x"


def test_headers_and_text():
    assert redact_headers({"Authorization": "Bearer x", "Accept": "y"}) == {"Authorization": HIDDEN, "Accept": "y"}
    assert redact_text("key abcdef and abc", ["abcdef", "abc"]) == f"key {HIDDEN} and abc"


def test_secret_values_are_found_deep_and_longest_first():
    assert secret_values({"a": "abcdef", "b": {"c": ["abcdefgh"]}, "d": "no"}) == ("abcdefgh", "abcdef")
