"""Accepted deliveries: stored with what they hint at, in one statement for all that come at the same time."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError, connection
from psycopg import Cursor

from connectors.base.http import HttpRequest
from integrations.webhooks import deliveries
from integrations.webhooks.deliveries import REMEMBERED, Queued, Stored
from integrations.webhooks.judging import BY_CONTENT, Judgement
from integrations.webhooks.together import Together

# A record that several deliveries of the statement hint at gets a generation higher by as many, as if they had come
# one after the other: a generation of 1 says that a single delivery stands behind the row.
_ACCEPT = """
WITH given AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS given(integration uuid, received_at timestamptz, method text,
        headers jsonb, body text, ip inet, key text, event text, count int, status text)
), delivery AS (
    INSERT INTO integrations_webhookdelivery (integration_id, received_at, method, headers, body, source_ip, key, event,
        event_count, verdict, reason, status)
    SELECT integration, received_at, method, headers, decode(body, 'base64'), ip, key, event, count, 'ACCEPTED', '',
        status FROM given ORDER BY integration, key
    ON CONFLICT (integration_id, key) DO NOTHING RETURNING id, integration_id, key, received_at
), wanted AS (
    SELECT DISTINCT delivery.id AS delivery_id, delivery.received_at, mapping.integration_id, mapping.resource_type,
        hint.external_id
    FROM json_to_recordset(%(hints)s::json) AS hint(of uuid, by text, type text, external_id text)
    JOIN delivery ON delivery.integration_id = hint.of AND delivery.key = hint.by
    JOIN integrations_fieldmapping AS mapping ON mapping.integration_id = hint.of
        AND coalesce(mapping.document ->> 'externalResource', mapping.resource_type) = hint.type
), queued AS (
    INSERT INTO integrations_externalchange AS waiting (integration_id, resource_type, external_id, generation, cause,
        created_at)
    SELECT integration_id, resource_type, external_id, count(*), 'webhook', min(received_at) FROM wanted
    GROUP BY integration_id, resource_type, external_id ORDER BY integration_id, resource_type, external_id
    ON CONFLICT (integration_id, resource_type, external_id)
        DO UPDATE SET generation = waiting.generation + excluded.generation
    RETURNING id, integration_id, resource_type, external_id, generation
)
SELECT delivery.integration_id, delivery.key, delivery.id,
    queued.id, queued.resource_type, queued.external_id, queued.generation
FROM delivery LEFT JOIN wanted ON wanted.delivery_id = delivery.id
LEFT JOIN queued ON queued.integration_id = wanted.integration_id AND queued.resource_type = wanted.resource_type
    AND queued.external_id = wanted.external_id
"""
_REPEAT = """
UPDATE integrations_webhookdelivery SET repeats = repeats + 1
WHERE integration_id = %(integration)s AND key = %(key)s RETURNING id, received_at, status
"""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One that was judged genuine: its row, and the records it speaks of as (type, id)."""

    integration: UUID
    key: str
    row: dict[str, Any]
    hints: Sequence[tuple[str, str]]


def accept(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> Stored:
    """Stores an accepted delivery and queues its records, all or nothing. A repetition within 24 hours is
    counted; known by its content alone it is still a hint, as two edits can look alike."""
    one = _delivery(integration, request, ip, judgement, now)
    while True:
        # Inside somebody's transaction it belongs to that one, and nobody else's may wait for it.
        stored = _stored([one])[0] if connection.in_atomic_block else _together.ask(one)
        stored = stored or _repeated(one, judgement, now)
        if stored:
            return stored


def _delivery(integration: UUID, request: HttpRequest, ip: str, judgement: Judgement, now: datetime) -> _Delivery:
    row = deliveries.row(integration, request, ip, judgement, now)
    return _Delivery(integration, judgement.key or "", row, deliveries.hints(judgement.events))


def _repeated(one: _Delivery, judgement: Judgement, now: datetime) -> Stored | None:
    """None if it was here so long ago that it counts as new."""
    with connection.cursor() as cursor:
        cursor.execute(_REPEAT, {"integration": one.integration, "key": one.key})
        found = cursor.fetchall()
    for pk, received_at, status in found:
        if received_at <= now - REMEMBERED:
            deliveries.forget(pk)
            continue
        again = one.key.startswith(BY_CONTENT) and bool(judgement.events)
        queued = deliveries.requeue(one.integration, judgement.events, now) if again else ()
        return Stored(pk, queued, repeated=True, status=status)
    return None


def _stored(group: Sequence[_Delivery]) -> list[Stored | None]:
    """In the order of the group; None = it was here before, if only a moment ago in this very group."""
    fresh = {(one.integration, one.key): one for one in reversed(group)}
    found: dict[tuple[UUID, str], Stored] = {}
    for integration, key, pk, *queued in _rows(_values(list(fresh.values()))):
        known = found.get((integration, key), Stored(pk))
        more = () if queued[0] is None else (Queued(*queued),)
        found[integration, key] = Stored(pk, (*known.queued, *more))
    return [found.get((one.integration, one.key)) if fresh[one.integration, one.key] is one else None for one in group]


def _values(group: Sequence[_Delivery]) -> dict[str, str]:
    """Two values, however many rows: the driver's work grows with the number of values."""
    hints = [
        {"of": one.integration, "by": one.key, "type": kind, "external_id": external_id}
        for one in group
        for kind, external_id in one.hints
    ]
    rows = [{**one.row, "body": b64encode(one.row["body"]).decode()} for one in group]
    return {"rows": orjson.dumps(rows).decode(), "hints": orjson.dumps(hints).decode()}


def _rows(values: dict[str, str]) -> list[Any]:
    """A connection that broke while nobody used it is found by using it; asking before each write whether it is there
    would cost a round trip. Written twice is written once, so it may be tried again."""
    try:
        return _executed(values)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _executed(values)


def _executed(values: dict[str, str]) -> list[Any]:
    """Past Django's cursor, which would send the whole text each time: planning it takes longer than carrying it out,
    so it is prepared once per connection (unless `PREPARED_STATEMENTS` is off)."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        return cursor.execute(_ACCEPT, values, prepare=True).fetchall()


_together: Together[_Delivery, Stored | None] = Together(_stored)
