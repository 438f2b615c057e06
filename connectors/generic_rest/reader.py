"""Reads a configuration document into `Config`, or says what is wrong with it and where."""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import config as c
from .grammar import Node, Problem, Problems
from .reader_auth import read_auth
from .reader_resources import read_resource
from .reader_webhook import read_webhook

VERSION = 1
KEYS = (
    "version", "base_url", "headers", "auth", "query", "check", "rate", "errors", "resources", "webhook", "dates",
    "notes",
)  # fmt: skip


def read(document: Any) -> c.Config:
    """The configuration. Raises `ConfigError` with one line "path: sentence" for each fault."""
    config, problems = _read(document)
    problems.raise_any()
    return config


def check(document: Any) -> list[Problem]:
    """Every fault of the document; empty = valid."""
    return _read(document)[1].found


def _read(document: Any) -> tuple[c.Config, Problems]:
    problems = Problems()
    root = Node(document, "", problems)
    root.only(*KEYS)
    if root.has("version") and root.value["version"] != VERSION:
        root.fault("version", f"must be {VERSION}, the only version there is.")
    dates_out, zone = _dates(root.section("dates"))
    config = c.Config(
        base_url=_base_url(root),
        headers=root.templates("headers", ("*", "settings.*")),
        auth=read_auth(root.section("auth")) if root.has("auth") else None,
        arrays=_arrays(root.section("query")),
        check=_check(root.section("check")),
        rate=_rate(root.section("rate")),
        errors=_errors(root.section("errors")),
        resources=_resources(root),
        webhook=read_webhook(root.maybe("webhook")),
        dates_out=dates_out,
        zone=zone,
    )
    _check_types(root, config)
    return config, problems


def _base_url(root: Node) -> str:
    url = root.text("base_url")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        root.fault("base_url", "must be a whole address such as https://api.example.com/v1.")
    elif parts.username or parts.password:
        root.fault("base_url", "must not hold credentials; they belong in auth.")
    elif parts.query or parts.fragment:
        root.fault("base_url", "must not hold a query; fixed parameters belong in list.params.")
    return url.rstrip("/")


def _arrays(query: Node) -> c.Arrays:
    query.only("arrays")
    return cast(c.Arrays, query.choice("arrays", c.ARRAYS, "repeat"))


def _check(node: Node) -> c.CheckCall:
    node.only("path", "ok", "require", "account")
    return c.CheckCall(
        path=node.template("path", ("settings.*",)),
        ok=node.statuses("ok", (200,)),
        require=node.json_path("require"),
        account=node.json_path("account"),
    )


def _rate(node: Node) -> c.Rate:
    node.only("per_second", "concurrency", "retry_after", "reset", "remaining")
    reset = node.maybe("reset")
    if reset:
        reset.only("header", "unit")
    if reset and node.has("retry_after"):
        node.fault("reset", "cannot stand beside retry_after: only one of them can say when to come back.")
    return c.Rate(
        per_second=node.decimal("per_second", 5.0),
        concurrency=node.number("concurrency", 2, least=1, most=64),
        retry_after=node.names("retry_after") or ("Retry-After",),
        reset=(reset.text("header", required=True), reset.choice("unit", ("s", "epoch_s", "epoch_ms", "iso")))
        if reset
        else None,
        remaining=node.text("remaining"),
    )


def _errors(node: Node) -> c.Errors:
    node.only("message", "code", "retry", "ok_false")
    return c.Errors(
        message=node.json_paths("message"),
        code=node.json_paths("code"),
        retry=node.statuses("retry", c.RETRY),
        ok_false=node.json_path("ok_false"),
    )


def _dates(node: Node) -> tuple[c.StampFormat | None, str]:
    node.only("out", "zone")
    zone = node.text("zone", "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        node.fault("zone", f"{zone!r} is not a time zone; write it as Europe/Berlin.")
        zone = "UTC"
    out = node.choice("out", c.FORMATS, "iso_ms_z") if node.has("out") else None
    return cast("c.StampFormat | None", out), zone


def _resources(root: Node) -> dict[str, c.ResourceConfig]:
    found = {key: read_resource(key, node) for key, node in root.sections("resources")}
    for key in found:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
            root.fault(f"resources.{key}", "must be a resource type such as task or contact, in lower case.")
    if not found:
        root.fault("resources", "must describe at least one resource type, such as task.")
    return found


def _check_types(root: Node, config: c.Config) -> None:
    """Every type named elsewhere must be described under resources."""
    for name, resource in config.resources.items():
        for other in resource.depends_on:
            if other not in config.resources:
                root.fault(f"resources.{name}.depends_on", f"{other!r} is not described under resources.")
    for value, name in config.webhook.resources.items():
        if name not in config.resources:
            root.fault(f"webhook.resource.{value}", f"{name!r} is not described under resources.")
