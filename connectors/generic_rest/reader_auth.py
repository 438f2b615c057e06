"""The `auth` section: which texts each kind takes."""

from __future__ import annotations

from typing import Any, cast

from .config import AUTH_KINDS, Auth, AuthKind
from .grammar import Node

CREDENTIALS = ("*", "settings.*")

# kind -> (required, optional) texts; what is a template is checked as one
_TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "none": ((), ()),
    "bearer": ((), ()),
    "header": (("name", "value"), ()),
    "query": (("name", "value"), ()),
    "basic": (("user",), ("password",)),
    "oauth2_code": (("authorize_url", "token_url"), ("separator", "token_auth")),
    "oauth2_client": (("token_url",), ("scope", "token_auth")),
    "login": (("post", "token", "header"), ("expires", "expires_unit")),
}
_MORE: dict[str, tuple[str, ...]] = {
    "oauth2_code": ("scopes", "pkce"),
    "oauth2_client": ("fields",),
    "login": ("body", "expired_status"),
}
_PATHS = ("token", "expires")


def read_auth(node: Node) -> Auth:
    kind = node.choice("kind", AUTH_KINDS, "none")
    required, optional = _TEXTS[kind]
    more = _MORE.get(kind, ())
    node.only("kind", *required, *optional, *more)
    options = {key: _text(node, kind, key, key in required) for key in (*required, *optional)}
    options |= {key: _other(node, key) for key in more}
    _check_choices(node, kind)
    return Auth(cast(AuthKind, kind), {key: value for key, value in options.items() if value not in ("", None)})


def _text(node: Node, kind: str, key: str, required: bool) -> str:
    if kind == "login" and key in _PATHS:
        return node.json_path(key, required=required)
    if key.endswith("_url"):
        return _url(node, key, required)
    return node.template(key, CREDENTIALS, required=required)


def _url(node: Node, key: str, required: bool) -> str:
    url = node.template(key, ("settings.*",), required=required)
    if url and not url.startswith(("https://", "http://")):
        node.fault(key, "must be a whole address that begins with https://.")
    return url


def _other(node: Node, key: str) -> Any:
    match key:
        case "body" | "fields":
            return node.templates(key, CREDENTIALS)
        case "scopes":
            return node.names(key)
        case "pkce":
            return node.flag(key, True)
        case _:
            return node.statuses(key, (401, 403))


def _check_choices(node: Node, kind: str) -> None:
    if node.has("token_auth"):
        node.choice("token_auth", ("body", "basic"))
    if kind == "login" and node.has("expires_unit"):
        node.choice("expires_unit", ("s", "ms"))
