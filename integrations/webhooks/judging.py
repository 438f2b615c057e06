"""What is thought of a delivery, before anything of it is believed. No database, no clock."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.base.http import HttpRequest
from connectors.base.records import Event
from connectors.base.webhooks import BadPayload, BadSignature, BadTimestamp, WebhookError, header
from integrations.enums import IntegrationStatus
from integrations.models import Integration, WebhookDelivery
from integrations.webhooks.listener import Listener
from integrations.webhooks.secrets import active

logger = logging.getLogger(__name__)
Verdict = WebhookDelivery.Verdict
HEARING = (IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED)
LONGEST_ID = 1000
BY_CONTENT = "sha256:"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`status` is what the sender is answered; `key` what a repetition is known by, `event` the sender's word;
    `unproven` = nobody could tell whether the sender knew the secret."""

    verdict: WebhookDelivery.Verdict
    status: int = 200
    reason: str = ""
    events: tuple[Event, ...] = ()
    key: str | None = None
    event: str = ""
    unproven: bool = False

    @property
    def accepted(self) -> bool:
        return self.verdict == Verdict.ACCEPTED

    @property
    def genuine(self) -> bool:
        """The sender knew the secret, so the body is worth keeping."""
        return not self.unproven and self.verdict in (Verdict.ACCEPTED, Verdict.INACTIVE, Verdict.BAD_PAYLOAD)


def judge(integration: Integration, listener: Listener, request: HttpRequest, ip: str, now: datetime) -> Judgement:
    """R1's order: address, signature (401), timestamp (400), integration active (403), payload (400)."""
    name = _clean(header(request, "X-Webhook-Event"))
    if not allowed(ip, integration.settings.get("webhook_ips") or ()):
        return Judgement(Verdict.IP_REFUSED, 403, "The sender's address is not on the integration's list.", event=name)
    try:
        listener.verify(request, active(integration.webhook_secret, now), now=now)
    except BadTimestamp as problem:
        return Judgement(Verdict.STALE_TIMESTAMP, 400, problem.message, event=name)
    except BadSignature as problem:
        return Judgement(Verdict.BAD_SIGNATURE, 401, problem.message, event=name)
    if integration.status not in HEARING:
        return Judgement(Verdict.INACTIVE, 403, f"The integration is {integration.status.lower()}.", event=name)
    return _read(listener, request, name)


def _read(listener: Listener, request: HttpRequest, name: str) -> Judgement:
    try:
        events = tuple(listener.events(request))
        key = _key(listener.delivery_id(request), request.body)
        _check(events)
    except WebhookError as problem:
        return Judgement(Verdict.BAD_PAYLOAD, 400, problem.message, event=name)
    except Exception as problem:
        # A genuine body that our own reading stumbles over is kept, and the sender asked to come again.
        logger.exception("A webhook could not be read.")
        return Judgement(Verdict.BAD_PAYLOAD, 500, f"Reading it failed: {type(problem).__name__}.", event=name)
    return Judgement(Verdict.ACCEPTED, events=events, key=key, event=name or _named(events))


def allowed(ip: str, ranges: Iterable[str]) -> bool:
    """Whether the address lies in one of the ranges ("10.0.0.0/8", "192.0.2.7"). No ranges = everywhere."""
    wanted = list(ranges)
    if not wanted:
        return True
    try:
        address = ipaddress.ip_address(ip)
        return any(address in ipaddress.ip_network(each, strict=False) for each in wanted)
    except ValueError:
        return False


def _key(delivery_id: str, body: bytes) -> str:
    """Of a delivery's id where it has one, else of its content; never of a record's id and stamp."""
    if delivery_id:
        return "id:" + hashlib.sha256(delivery_id.encode()).hexdigest()
    return BY_CONTENT + hashlib.sha256(body).hexdigest()


def _check(events: Iterable[Event]) -> None:
    for event in events:
        if "\x00" in event.external_id or len(event.external_id) > LONGEST_ID:
            raise BadPayload("The webhook names a record by something that is no id.")


def _named(events: tuple[Event, ...]) -> str:
    return _clean(f"{events[0].resource}.{events[0].action}") if events else ""


def _clean(name: str) -> str:
    return name.replace("\x00", "")[:100]
