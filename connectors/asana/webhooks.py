"""Asana's webhooks: signed, thin, with a handshake while the registration is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from connectors.base import stamps
from connectors.base.http import HttpRequest
from connectors.base.records import Event
from connectors.base.webhooks import BadPayload, Hmac, header, payload

SIGNATURE = Hmac("X-Hook-Signature")
SECRET = "X-Hook-Secret"
# Leaving a project is `removed`: not a delete.
ACTIONS: dict[str, Literal["created", "changed", "deleted", "restored"]] = {
    "added": "created",
    "changed": "changed",
    "removed": "changed",
    "deleted": "deleted",
    "undeleted": "restored",
}


def verify(request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
    """Raises `BadSignature`. A heartbeat may come unsigned; it says nothing, so it may pass."""
    if not header(request, SIGNATURE.header) and request.body == b'{"events":[]}':
        return
    SIGNATURE.verify(request, secrets, now=now)


def handshake(request: HttpRequest) -> dict[str, str] | None:
    """The secret is sent back as it came. Whoever stores it checks that a registration is pending."""
    secret = header(request, SECRET)
    return {SECRET: secret} if secret else None


def events(request: HttpRequest) -> list[Event]:
    """Task events of a delivery. Raises `BadPayload`."""
    data = payload(request)
    found = data.get("events") if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadPayload("An Asana webhook holds a list named events.")
    return [event for item in found if (event := _event(item))]


def task_of(event: Mapping[str, Any]) -> str | None:
    """The gid of the task that an event is about; None for a story, a section or a project."""
    resource = event.get("resource") or {}
    return str(resource["gid"]) if resource.get("resource_type") == "task" and resource.get("gid") else None


def _event(item: Mapping[str, Any]) -> Event | None:
    task, action = task_of(item), ACTIONS.get(str(item.get("action")))
    if task is None or action is None:
        return None
    return Event("task", task, action, occurred_at=stamps.parse(item.get("created_at")))
