"""What a delivery says: events by the `webhook` section, challenges answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import orjson

from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.paths import get_path
from connectors.base.records import Event, ExternalRecord
from connectors.base.webhooks import BadPayload, header, payload

from .config import Config, Webhook

Action = Literal["created", "changed", "deleted", "restored"]
MakeRecord = Callable[[str, Mapping[str, Any]], ExternalRecord]

_ACTIONS: dict[str, Action] = {
    "create": "created", "created": "created", "new": "created", "added": "created", "insert": "created",
    "delete": "deleted", "deleted": "deleted", "removed": "deleted", "trashed": "deleted", "destroy": "deleted",
    "restored": "restored", "undeleted": "restored",
}  # fmt: skip


def events(config: Config, request: HttpRequest, make: MakeRecord) -> list[Event]:
    """The events of a verified delivery. Those of types that are not configured are left out.

    Raises `BadPayload` for a body that is not JSON or an event without a record id.
    """
    hook = config.webhook
    body = payload(request)
    return [event for part in _parts(hook, body) if (event := _event(config, request, body, part, make)) is not None]


def challenge(hook: Webhook, request: HttpRequest) -> HttpResponse | None:
    """The answer to a registration challenge, None where the request is none."""
    if hook.challenge is None:
        return None
    how, name = hook.challenge
    if how == "echo_query":
        found = parse_qs(urlsplit(request.url).query).get(name)
        return HttpResponse(200, {"content-type": "text/plain"}, found[0].encode()) if found else None
    try:
        value = get_path(orjson.loads(request.body), name)
    except orjson.JSONDecodeError:
        return None
    return (
        None if value is None else HttpResponse(200, {"content-type": "application/json"}, orjson.dumps({name: value}))
    )


def delivery_id(hook: Webhook, request: HttpRequest) -> str:
    """The sender's own id of the delivery, "" where it has none."""
    return "" if not hook.id else _text(_read(hook.id, request, payload(request)))


def _parts(hook: Webhook, body: Any) -> Iterator[Any]:
    if hook.batch is None:
        yield body
        return
    items = get_path(body, hook.batch)
    if not isinstance(items, list):
        raise BadPayload(f"The webhook holds no list of events at {hook.batch!r}.")
    yield from items


def _event(config: Config, request: HttpRequest, body: Any, part: Any, make: MakeRecord) -> Event | None:
    hook = config.webhook
    name = next((text for source in hook.event if (text := _text(_read(source, request, part, body)))), "")
    resource = _resource(config, name)
    if resource is None:
        return None
    external_id = _text(get_path(part, hook.record_id))
    if not external_id:
        raise BadPayload(f"The webhook holds no record id at {hook.record_id!r}.")
    raw = get_path(part, hook.record) if hook.record is not None else None
    action = _action(hook, name, request, part, body)
    record = make(resource, raw) if isinstance(raw, dict) and raw and action != "deleted" else None
    return Event(resource, external_id, action, record if record is None or record.id == external_id else None)


def _resource(config: Config, name: str) -> str | None:
    """By the table, else by the name's beginning; one configured type needs neither."""
    stem = name.replace(":", ".").replace("/", ".").split(".")[0]
    found = config.webhook.resources.get(name) or config.webhook.resources.get(stem)
    if found is None and not config.webhook.resources:
        candidates = [key for key in config.resources if stem in (key, key + "s")]
        only = list(config.resources) if len(config.resources) == 1 else []
        found = next(iter(candidates or only), None)
    return found if found in config.resources else None


def _action(hook: Webhook, name: str, request: HttpRequest, part: Any, body: Any) -> Action:
    if hook.deleted is not None:
        source, values = hook.deleted
        value = _read(source, request, part, body) if source else name
        if any(type(each) is type(value) and each == value for each in values):
            return "deleted"
    return _ACTIONS.get(name.replace(":", ".").replace("/", ".").split(".")[-1].lower(), "changed")


def _read(source: str, request: HttpRequest, part: Any, body: Any = None) -> Any:
    if source.startswith("header:"):
        return header(request, source.removeprefix("header:"))
    found = get_path(part, source)
    return get_path(body, source) if found is None and body is not None else found


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value)
