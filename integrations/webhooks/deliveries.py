"""Deliveries in the database. An accepted one costs one statement, which also queues what it hints at."""

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
from integrations.webhooks.judging import BY_CONTENT, Judgement

REMEMBERED = timedelta(hours=24)
"""How long a repetition is known as one."""
REFUSALS = 100
"""Refused calls that are kept per integration and five minutes, so that nobody can fill the disk from outside."""

_COLUMNS = (
    "integration_id, received_at, method, headers, body, source_ip, key, event, event_count, verdict, reason, status, "
    "processed_at"
)
_VALUES = (
    "%(integration)s::uuid, %(now)s::timestamptz, %(method)s, %(headers)s::jsonb, %(body)s::bytea, %(ip)s::inet, "
    "%(key)s::text, %(event)s, %(count)s::int, %(verdict)s, %(reason)s, %(status)s, NULL::timestamptz"
)
_QUEUE = """
    INSERT INTO integrations_externalchange AS waiting (integration_id, resource_type, external_id, generation, cause,
        created_at)
    SELECT DISTINCT %(integration)s::uuid, mapping.resource_type, wanted.id, 1, 'webhook', %(now)s::timestamptz
    FROM {source} unnest(%(types)s::text[], %(ids)s::text[]) AS wanted(type, id)
    JOIN integrations_fieldmapping AS mapping ON mapping.integration_id = %(integration)s::uuid
        AND coalesce(mapping.document ->> 'externalResource', mapping.resource_type) = wanted.type
    ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET generation = waiting.generation + 1
    RETURNING waiting.id, resource_type, external_id, generation
"""
_ACCEPT = f"""
WITH delivery AS (
    INSERT INTO integrations_webhookdelivery ({_COLUMNS}) SELECT {_VALUES}
    ON CONFLICT (integration_id, key) DO NOTHING RETURNING id
), queued AS ({_QUEUE.format(source="delivery,")})
SELECT delivery.id, queued.* FROM delivery LEFT JOIN queued ON true
"""
_REFUSE = f"""
INSERT INTO integrations_webhookdelivery ({_COLUMNS}) SELECT {_VALUES}
WHERE (SELECT count(*) FROM (SELECT 1 FROM integrations_webhookdelivery WHERE integration_id = %(integration)s
    AND status = 'REFUSED' AND received_at > %(now)s - interval '5 minutes' LIMIT {REFUSALS}) AS recent) < {REFUSALS}
RETURNING id
"""
_REPEAT = """
UPDATE integrations_webhookdelivery SET repeats = repeats + 1
WHERE integration_id = %(integration)s AND key = %(key)s RETURNING id, received_at, status
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


def accept(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> Stored:
    """Stores an accepted delivery and queues its records, all or nothing. A repetition within 24 hours is
    counted; known by its content alone it is still a hint, as two edits can look alike."""
    values = _values(integration, request, ip, judgement, now)
    while True:
        if rows := _rows(_ACCEPT, values):
            return Stored(rows[0][0], _queued(row[1:] for row in rows))
        found = _rows(_REPEAT, values)
        if found and found[0][1] > now - REMEMBERED:
            again = (judgement.key or "").startswith(BY_CONTENT) and bool(judgement.events)
            queued = _queued(_rows(_QUEUE.format(source=""), values)) if again else ()
            return Stored(found[0][0], queued, repeated=True, status=found[0][2])
        for row in found:
            forget(row[0])


def forget(delivery_id: int) -> None:
    """Its key is free again."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [delivery_id])


def refuse(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> Stored:
    """Notes a call that was not accepted."""
    rows = _rows(_REFUSE, _values(integration, request, ip, judgement, now))
    return Stored(rows[0][0] if rows else None)


def requeue(integration: UUID, events: Sequence[Event], now: datetime) -> tuple[Queued, ...]:
    """Queues the records of a delivery once more."""
    return _queued(_rows(_QUEUE.format(source=""), {"integration": integration, "now": now, **_wanted(events)}))


def _values(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> dict[str, Any]:
    return {
        "integration": integration,
        "now": now,
        "method": request.method[:8],
        "headers": orjson.dumps(redact_headers(request.headers)).decode(),
        "body": request.body if judgement.genuine else b"",
        "ip": ip or None,
        "key": judgement.key,
        "event": judgement.event,
        "count": len(judgement.events),
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "status": _status(judgement),
        **_wanted(judgement.events),
    }


def _status(judgement: Judgement) -> str:
    status = WebhookDelivery.Status
    if not judgement.accepted:
        return str(status.REFUSED)
    return str(status.QUEUED if judgement.events else status.IGNORED)


def _wanted(events: Iterable[Event]) -> dict[str, list[str]]:
    """In one order for everybody, so that two deliveries never wait for each other."""
    pairs = sorted({(event.resource, event.external_id) for event in events})
    return {"types": [kind for kind, _ in pairs], "ids": [external_id for _, external_id in pairs]}


def _queued(rows: Iterable[Sequence[Any]]) -> tuple[Queued, ...]:
    return tuple(Queued(*row) for row in rows if row[0] is not None)


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
