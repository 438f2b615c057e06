"""The `webhook` section. Without one, deliveries follow the scheme that Lockstep asks of senders."""

from __future__ import annotations

from typing import Any, Literal, cast

from connectors.base.webhooks import DefaultWebhooks, Hmac, StandardWebhooks, StaticToken

from .config import Webhook
from .grammar import Node
from .schemes import BasicScheme, Scheme, UrlToken

# kind -> keys that only this kind takes
_KINDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "static": ("header", "prefix"),
    "basic": (),
    "hmac": ("header", "algorithm", "encoding", "prefix", "key", "signed", "timestamp"),
    "standard": (),
    "url_token": ("param",),
}
_COMMON = ("kind", "id", "event", "resource", "record_id", "record", "deleted", "challenge", "batch", "answer")
_SIGNED = ("body", "timestamp", "url", "id", "method")
DEFAULT = Webhook(DefaultWebhooks())


def read_webhook(node: Node | None) -> Webhook:
    if node is None:
        return DEFAULT
    kind = node.choice("kind", tuple(_KINDS))
    node.only(*_COMMON, *_KINDS.get(kind, ()))
    if node.value.get("answer", 200) != 200:
        node.fault("answer", "is always 200; remove it.")
    webhook = Webhook(
        scheme=_scheme(node, kind),
        signed=kind in ("hmac", "standard"),
        id=node.source("id"),
        event=(node.source("event"),) if node.has("event") else DEFAULT.event,
        resources=node.templates("resource", ()),
        record_id=node.json_path("record_id", DEFAULT.record_id),
        record=node.json_path("record") if node.has("record") else None,
        deleted=_deleted(node.maybe("deleted")),
        challenge=_challenge(node),
        batch=node.json_path("batch") if node.has("batch") else None,
    )
    if webhook.record is not None and not webhook.signed:
        node.fault("record", f"cannot be trusted: a {kind} hook does not cover the body. Remove it; it is read again.")
    return webhook


def _scheme(node: Node, kind: str) -> Scheme | None:
    match kind:
        case "static":
            return StaticToken(node.text("header", required=True), node.text("prefix"))
        case "basic":
            return BasicScheme()
        case "hmac":
            return _hmac(node)
        case "standard":
            return StandardWebhooks()
        case "url_token":
            return UrlToken(node.text("param", "token"))
        case _:
            return None


def _hmac(node: Node) -> Hmac:
    signed = node.template("signed", _SIGNED, "{body}")
    stamp = node.maybe("timestamp")
    delivery = node.text("id").removeprefix("header:")
    if stamp is None and "{timestamp}" in signed:
        node.fault("timestamp", "is required, because `signed` names {timestamp}.")
    if "{id}" in signed and not node.text("id").startswith("header:"):
        node.fault("id", "must be header:Name, because `signed` names {id}.")
    if stamp is not None:
        stamp.only("header", "unit", "tolerance")
    return Hmac(
        header=node.text("header", "X-Webhook-Signature"),
        algorithm=cast(Literal["sha256", "sha1"], node.choice("algorithm", ("sha256", "sha1", "sha512"), "sha256")),
        encoding=cast(Literal["hex", "base64"], node.choice("encoding", ("hex", "base64"), "hex")),
        prefix=node.text("prefix"),
        key=cast(Literal["text", "base64"], node.choice("key", ("text", "base64"), "text")),
        signed=signed,
        stamp=stamp.text("header", required=True) if stamp else "",
        stamp_unit=cast(Literal["s", "ms"], stamp.choice("unit", ("s", "ms"), "s")) if stamp else "s",
        tolerance=stamp.number("tolerance", 300, least=1) if stamp else 300,
        id=delivery,
    )


def _deleted(mark: Node | None) -> tuple[str, tuple[Any, ...]] | None:
    """{"path": ..., "in": [...]}; without a path, the event's name is compared."""
    if mark is None:
        return None
    mark.only("path", "in")
    return mark.source("path"), mark.values("in")


def _challenge(node: Node) -> tuple[str, str] | None:
    """`echo_json:field` or `echo_query:name`; "none" and nothing mean none."""
    value = node.text("challenge", "none")
    if value in ("none", ""):
        return None
    how, _, name = value.partition(":")
    if how not in ("echo_json", "echo_query") or not name:
        node.fault("challenge", "must be none, echo_json:field or echo_query:name.")
        return None
    return how, name
