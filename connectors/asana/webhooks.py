"""Asana's webhooks: signed, thin, with a handshake while the registration is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from connectors.base import stamps
from connectors.base.capabilities import Listens
from connectors.base.errors import ConfigError, NotFound
from connectors.base.http import HttpRequest
from connectors.base.records import Event
from connectors.base.rest import RestConnector
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


class AsanaWebhooks(Listens, RestConnector):
    """Deliveries judged and read; one subscription for the project of the settings."""

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        """A heartbeat may come unsigned; it says nothing, so it may pass."""
        if header(request, SIGNATURE.header) or request.body != b'{"events":[]}':
            SIGNATURE.verify(request, secrets, now=now)

    def events(self, request: HttpRequest) -> list[Event]:
        """Task events of a delivery."""
        data = payload(request)
        found = data.get("events") if isinstance(data, dict) else None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise BadPayload("An Asana webhook holds a list named events.")
        return [event for item in found if (event := _event(item))]

    def handshake(self, request: HttpRequest) -> dict[str, str] | None:
        """The secret is sent back as it came. Whoever stores it checks that a registration is pending."""
        secret = header(request, SECRET)
        return {SECRET: secret} if secret else None

    def subscribe(self, target: str, secret: str) -> dict[str, Any]:
        """Asana chooses the secret and calls `target` before it answers; ours is not used."""
        project = self.context.settings.get("project")
        if not project:
            raise ConfigError("Asana sends webhooks of a project: choose the project first.")
        wanted = {"resource": project, "target": target}
        data = self.client.post("/webhooks", {"data": wanted}).data
        return {"id": data["data"]["gid"], "secret": data[SECRET]}

    def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        try:
            self.client.request("DELETE", f"/webhooks/{subscription['id']}")
        except NotFound:
            return  # Asana removes webhooks that fail for a day


def task_of(event: Mapping[str, Any]) -> str | None:
    """The gid of the task that an event is about; None for a story, a section or a project."""
    resource = event.get("resource") or {}
    return str(resource["gid"]) if resource.get("resource_type") == "task" and resource.get("gid") else None


def _event(item: Mapping[str, Any]) -> Event | None:
    task, action = task_of(item), ACTIONS.get(str(item.get("action")))
    if task is None or action is None:
        return None
    return Event("task", task, action, occurred_at=stamps.parse(item.get("created_at")))
