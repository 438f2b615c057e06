"""What must not be seen, made unseen: headers, URLs, JSON bodies and free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

HIDDEN = "[redacted]"
MIN_SECRET = 6  # shorter values would blank out ordinary words

# Whole words of a key: `token`, `accessToken` and `x-api-key` are hidden, `tokenized_count` is not.
_WORDS = {
    "authorization", "cookie", "password", "passwd", "passphrase", "secret", "token", "credential", "credentials",
    "signature", "assertion", "otp", "jwt",
}  # fmt: skip
_PAIRS = {"api_key", "private_key", "access_key", "client_key", "signing_key", "session_id", "code_verifier", "apikey"}
_NOT_SECRET = {"token_type", "next_page_token", "page_token", "sync_token", "next_token", "continuation_token"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BREAK = re.compile(r"[^A-Za-z0-9]+")


@lru_cache(maxsize=4_096)
def is_secret(key: str) -> bool:
    """Whether the value under this key, header or parameter name is to be hidden. Asked for every field of every log
    line, so the few names there are keep their answer."""
    name = _BREAK.sub("_", _CAMEL.sub("_", key)).strip("_").lower()
    if name in _NOT_SECRET:
        return False
    if name == "code" or f"_{name}_".find("_sig_") >= 0:
        return True
    words = name.split("_")
    return not _WORDS.isdisjoint(words) or any(pair in _PAIRS for pair in _pairs(words)) or "apikey" in words


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: HIDDEN if is_secret(name) else value for name, value in headers.items()}


def redact_url(url: str, names: Iterable[str] = ()) -> str:
    """User info and secret parameters hidden; `names` are further parameters that hold secrets."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if not parts.query:
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
    secret = set(names)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(f"{quote(k)}={HIDDEN if k in secret or is_secret(k) else quote(v)}" for k, v in pairs)
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def redact(value: Any, secrets: Iterable[str] = ()) -> Any:
    """A copy of JSON without secrets: by key, and by the known secret values wherever they appear."""
    known = tuple(each for each in secrets if len(each) >= MIN_SECRET)
    return _redact(value, known)


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Free text without the known secret values."""
    return _hide(text, tuple(each for each in secrets if len(each) >= MIN_SECRET))


def secret_values(credentials: Mapping[str, Any]) -> tuple[str, ...]:
    """Every text inside credentials that is to be hidden, longest first."""
    found = {text for value in credentials.values() for text in _texts(value) if len(text) >= MIN_SECRET}
    return tuple(sorted(found, key=len, reverse=True))


def _redact(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        return {k: HIDDEN if _hides(k, v) else _redact(v, secrets) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact(each, secrets) for each in value]
    return _hide(value, secrets) if isinstance(value, str) else value


def _hides(key: Any, value: Any) -> bool:
    """Numbers and yes/no under a secret name are counts and flags; objects are hidden whole."""
    return isinstance(key, str) and not isinstance(value, (bool, type(None))) and is_secret(key)


def _hide(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def _pairs(words: list[str]) -> list[str]:
    return [f"{first}_{second}" for first, second in pairwise(words)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, (list, tuple)) else []
