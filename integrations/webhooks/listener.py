"""The half of a connector that hears: it makes no calls. Credentials are decrypted only if it asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from connectors.base import registry
from connectors.base.capabilities import Listens
from connectors.base.connector import Connector
from connectors.base.context import Context
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.ports import Clock
from connectors.base.records import Event
from connectors.base.webhooks import (
    BadPayload,
    DefaultWebhooks,
    Hmac,
    StandardWebhooks,
    WebhookError,
    header,
    payload,
)
from integrations.models import Integration

DEFAULT, STANDARD = DefaultWebhooks(), StandardWebhooks()
UNSTAMPED = Hmac(DEFAULT.scheme.header)
ACTIONS: dict[str, Any] = {"created": "created", "deleted": "deleted", "restored": "restored"}


class _Later(Mapping[str, Any]):
    """Credentials that are loaded when somebody looks at them."""

    def __init__(self, integration: Integration) -> None:
        self._integration = integration

    def __getitem__(self, name: str) -> Any:
        return self._integration.credentials[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._integration.credentials)

    def __len__(self) -> int:
        return len(self._integration.credentials)


class Listener:
    """Judges and reads the deliveries of one integration, by its connector or else in R1's form. Several threads may
    use it at once."""

    def __init__(self, integration: Integration, clock: Clock) -> None:
        self._integration, self._clock = integration, clock

    @cached_property
    def connector(self) -> Connector:
        """Raises `ConfigError` for an unknown one."""
        integration = self._integration
        return registry.get(integration.connector_key)(
            Context(
                base_url=integration.base_url,
                settings=integration.settings,
                credentials=_Later(integration),
                clock=self._clock,
                auth_type=integration.auth_type,
            )
        )

    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        """By the provider's scheme. Whoever signs as Standard Webhooks or in R1's form without a stamp has proved to
        know the secret as well. Raises `BadSignature`, `BadTimestamp`."""
        try:
            own = self.connector if isinstance(self.connector, Listens) else DEFAULT
            own.verify(request, secrets, now=now)
        except WebhookError:
            if header(request, "webhook-signature"):
                STANDARD.verify(request, secrets, now=now)
            elif header(request, UNSTAMPED.header) and not header(request, DEFAULT.scheme.stamp):
                UNSTAMPED.verify(request, secrets, now=now)
            else:
                raise

    def events(self, request: HttpRequest) -> list[Event]:
        """Raises `BadPayload`."""
        return self.connector.events(request) if isinstance(self.connector, Listens) else self._plain(request)

    def delivery_id(self, request: HttpRequest) -> str:
        """The sender's id of this delivery, the same on every attempt; "" where it has none."""
        if header(request, "webhook-signature"):
            return header(request, "webhook-id")
        own = getattr(self.connector, "delivery_id", None)
        return str(own(request)) if own else ""

    def challenge(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a challenge that carries no secret, None where this is none."""
        own = getattr(self.connector, "challenge", None)
        answer: HttpResponse | None = own(request) if own else None
        return answer

    def handshake(self, request: HttpRequest) -> dict[str, str] | None:
        return self.connector.handshake(request) if isinstance(self.connector, Listens) else None

    def _plain(self, request: HttpRequest) -> list[Event]:
        """R1's form: `{"event": "task.updated", "data": {"id": ...}}`, a hint to read the record again."""
        body = payload(request)
        if not isinstance(body, dict) or not isinstance(body.get("data"), dict) or not body["data"].get("id"):
            raise BadPayload("A webhook holds an object named data with an id.")
        name = str(body.get("event") or header(request, "X-Webhook-Event"))
        kind, _, verb = name.partition(".")
        if kind not in {resource.key for resource in self.connector.resources}:
            return []
        return [Event(kind, str(body["data"]["id"]), ACTIONS.get(verb, "changed"))]
