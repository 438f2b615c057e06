"""A connector on a running twin, with a token or under OAuth2."""

from __future__ import annotations

from typing import Any

from connectors.asana.connector import AsanaConnector
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.context import Context
from connectors.base.sandbox.server import Server


def connect(server: Server, token: str = "sandbox-token", *, auth_type: str = "", **settings: Any) -> AsanaConnector:
    given = {"project": PROJECT, "workspace": WORKSPACE, **settings}
    credentials = {} if auth_type else {"token": token}
    context = Context(
        server.url_of("asana"),
        given,
        credentials,
        server.twins["asana"].clock,
        allow_private=True,
        auth_type=auth_type,
        token=(lambda stale=None: token) if auth_type else None,
    )
    return AsanaConnector(context)


def ids(asana: AsanaConnector, **options: Any) -> list[str]:
    return [record.id for page in asana.pages(asana.resource("task"), **options) for record in page.records]
