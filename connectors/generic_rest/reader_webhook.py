"""The `webhook` section. Without one, deliveries follow the scheme that Lockstep asks of senders."""

from __future__ import annotations

from typing import Any, cast

from .config import Webhook, WebhookKind
from .grammar import Node

KINDS = ("none", "static", "basic", "hmac", "standard", "url_token")
_KEYS = (
    "kind", "header", "algorithm", "encoding", "prefix", "key", "signed", "timestamp", "id", "event", "resource",
    "record_id", "record", "deleted", "challenge", "batch", "answer", "param",
)  # fmt: skip
_SIGNED = ("body", "timestamp", "url", "id", "method")

# What Lockstep asks of senders: R1's headers and `{"event": "task.updated", "data": {...}}`.
DEFAULT = Webhook(
    timestamp="header:X-Webhook-Timestamp",
    event="event",
    record_id="data.id",
    record="data",
)


def read_webhook(node: Node) -> Webhook:
    if not node.value:
        return DEFAULT
    node.only(*_KEYS)
    kind = cast(WebhookKind, node.choice("kind", KINDS))
    timestamp, unit, tolerance = _timestamp(node)
    return Webhook(
        kind=kind,
        header=_header(node, kind),
        algorithm=node.choice("algorithm", ("sha256", "sha1"), "sha256"),
        encoding=node.choice("encoding", ("hex", "base64"), "hex"),
        prefix=node.text("prefix"),
        key=node.choice("key", ("text", "base64"), "text"),
        signed=node.template("signed", _SIGNED, "{body}"),
        timestamp=timestamp,
        timestamp_unit=unit,
        tolerance=tolerance,
        id=node.source("id"),
        event=node.source("event") if node.has("event") else DEFAULT.event,
        resources=node.templates("resource", ()),
        record_id=node.json_path("record_id", DEFAULT.record_id),
        record=node.json_path("record") if node.has("record") else None,
        deleted=_deleted(node),
        challenge=_challenge(node),
        batch=node.json_path("batch") if node.has("batch") else None,
        answer=node.number("answer", 200, least=200, most=299),
        param=node.text("param", "token"),
    )


def _header(node: Node, kind: str) -> str:
    default = {"hmac": "X-Webhook-Signature", "basic": "Authorization", "standard": "webhook-signature"}
    return node.text("header", default.get(kind, ""), required=kind == "static")


def _timestamp(node: Node) -> tuple[str, str, int]:
    """(source, unit, seconds). An hmac hook with the default header keeps the default stamp."""
    stamp = node.maybe("timestamp")
    if stamp is None:
        if "{timestamp}" in node.text("signed"):
            node.fault("timestamp", "is required, because `signed` names {timestamp}.")
        return "", "auto", 300
    stamp.only("header", "path", "unit", "tolerance")
    header = stamp.text("header")
    source = f"header:{header}" if header else stamp.json_path("path", required=True)
    return source, stamp.choice("unit", ("auto", "s", "ms", "iso"), "auto"), stamp.number("tolerance", 300, least=1)


def _deleted(node: Node) -> tuple[str, tuple[Any, ...]] | None:
    mark = node.maybe("deleted")
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
