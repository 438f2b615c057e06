"""Deliveries in the database: what is kept of a call, refusals, and what is queued again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from connectors.base.http import HttpRequest
from connectors.base.records import Event
from connectors.base.redaction import redact_headers
from integrations.models import WebhookDelivery
from integrations.webhooks.judging import Judgement

REMEMBERED = timedelta(hours=24)
"""How long a repetition is known as one."""
REFUSALS = 100
"""Refused calls that are kept per integration and five minutes, so that nobody can fill the disk from outside."""

_QUEUE = """
    INSERT INTO integrations_externalchange AS waiting (integration_id, resource_type, external_id, generation, cause,
        created_at)
    SELECT DISTINCT %(integration)s::uuid, mapping.resource_type, wanted.id, 1, 'webhook', %(now)s::timestamptz
    FROM unnest(%(types)s::text[], %(ids)s::text[]) AS wanted(type, id)
    JOIN integrations_fieldmapping AS mapping ON mapping.integration_id = %(integration)s::uuid
        AND coalesce(mapping.document ->> 'externalResource', mapping.resource_type) = wanted.type
    ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET generation = waiting.generation + 1
    RETURNING waiting.id, resource_type, external_id, generation
"""
_REFUSE = f"""
INSERT INTO integrations_webhookdelivery (integration_id, received_at, method, headers, body, source_ip, key, event,
    event_count, verdict, reason, status)
SELECT %(integration)s::uuid, %(received_at)s::timestamptz, %(method)s, %(headers)s::jsonb, %(body)s::bytea,
    %(ip)s::inet, %(key)s::text, %(event)s, %(count)s::int, %(verdict)s, %(reason)s, %(status)s
WHERE (SELECT count(*) FROM (SELECT 1 FROM integrations_webhookdelivery WHERE integration_id = %(integration)s
    AND status = 'REFUSED' AND received_at > %(received_at)s - interval '5 minutes' LIMIT {REFUSALS}) AS recent
) < {REFUSALS}
RETURNING id
"""
_FORGET = "UPDATE integrations_webhookdelivery SET key = NULL WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Queued:
    """A record that is to be read again because of the delivery; `generation` is what it was raised to."""

    id: int
    resource: str
    external_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Stored:
    """`id` of the delivery (None where the refusal was one too many); `repeated` = it was here before, with
    `status` what became of it then."""

    id: int | None
    queued: tuple[Queued, ...] = ()
    repeated: bool = False
    status: str = ""


def forget(delivery_id: int) -> None:
    """Its key is free again."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [delivery_id])


def refuse(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> Stored:
    """Notes a call that was not accepted."""
    kept = row(integration, request, ip, judgement, now)
    rows = _rows(_REFUSE, {**kept, "headers": orjson.dumps(kept["headers"]).decode()})
    return Stored(rows[0][0] if rows else None)


def requeue(integration: UUID, events: Sequence[Event], now: datetime) -> tuple[Queued, ...]:
    """Queues the records of a delivery that was here before."""
    wanted = hints(events)
    values = {"types": [kind for kind, _ in wanted], "ids": [external_id for _, external_id in wanted]}
    rows = _rows(_QUEUE, {"integration": integration, "now": now, **values})
    return tuple(Queued(*found) for found in rows)


def row(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> dict[str, Any]:
    """What is kept of a call."""
    return {
        "integration": integration,
        "received_at": now,
        "method": request.method[:8],
        "headers": redact_headers(request.headers),
        "body": request.body if judgement.genuine else b"",
        "ip": ip or None,
        "key": judgement.key,
        "event": judgement.event,
        "count": len(judgement.events),
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "status": _status(judgement),
    }


def hints(events: Iterable[Event]) -> list[tuple[str, str]]:
    """The records that are spoken of, as (type, id). In one order for everybody, so that two deliveries never wait
    for each other."""
    return sorted({(event.resource, event.external_id) for event in events})


def _status(judgement: Judgement) -> str:
    status = WebhookDelivery.Status
    if not judgement.accepted:
        return str(status.REFUSED)
    return str(status.QUEUED if judgement.events else status.IGNORED)


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
