"""A small configuration to vary, and connectors over told answers or over a running twin."""

from typing import Any

import orjson

from connectors.base.context import Context
from connectors.base.http import HttpResponse
from connectors.base.sandbox.ports import SystemClock
from connectors.generic_rest.connector import GenericRestConnector
from connectors.generic_rest.presets import preset
from tests.connectors.base.fakes import context


def document(task: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """`task` is laid over a plain resource, section by section."""
    plain: dict[str, Any] = {
        "path": "/tasks",
        "updated_at": "updated_at",
        "list": {"records": "data"},
        "get": {},
        "create": {},
        "update": {},
        "delete": {},
    }
    return {"version": 1, "auth": {"kind": "none"}, "resources": {"task": {**plain, **(task or {})}}, **more}


def listed(**section: Any) -> dict[str, Any]:
    return document({"list": {"records": "data", **section}})


def told(config: dict[str, Any], *answers: Any, **options: Any) -> GenericRestConnector:
    """Over answers in order; the requests are at `connector.context.transport.requests`."""
    settings = {"config": config, **options.pop("settings", {})}
    return GenericRestConnector(context(*answers, settings=settings, **options))


def requests(connector: GenericRestConnector) -> list[Any]:
    return connector.context.transport.requests  # type: ignore[union-attr]


def json(data: Any, status: int = 200, **headers: str) -> HttpResponse:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return HttpResponse(status, {"content-type": "application/json", **names}, orjson.dumps(data))


def live(server: Any, config: dict[str, Any] | None = None) -> GenericRestConnector:
    """Over real HTTP to the twin of `server`, with the `plain` preset unless told."""
    settings = {"config": config or preset("plain")}
    base_url, token = server.url_of("generic_rest"), {"token": "sandbox-token"}
    return GenericRestConnector(Context(base_url, settings, token, SystemClock(), allow_private=True))


def ids(connector: GenericRestConnector, key: str = "task", **options: Any) -> list[str]:
    return [record.id for page in connector.pages(connector.resource(key), **options) for record in page.records]
