"""The two work queues of an integration, set-based. A row goes only with the generation it was read at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from sync_engine.planted import planted
from sync_engine.shape import Shape

_CHANGED_AT = (
    "(SELECT change.created_at FROM records_localchange AS change WHERE change.record_id = wanted "
    "AND change.resource_type = %s AND (change.origin_kind, change.origin_id) <> ('integration', %s) "
    "ORDER BY change.id DESC LIMIT 1)"
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A local record to look at. `changed_at` is when it was last changed by anybody but this integration, `sent`
    what earlier attempts sent without hearing of the outcome (`unconfirmed`), `let_go` the hash of the state there that
    a delete may go over."""

    id: int
    internal_id: str
    generation: int
    attempts: int
    changed_at: datetime | None
    sent: Sequence[Mapping[str, Any]] = ()
    let_go: bytes | None = None


def enqueue_pending(shape: Shape, internal_ids: Sequence[str], now: datetime) -> None:
    """Local records whose push was found by a compare rather than by the outbox."""
    if not internal_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_pendingchange (integration_id, resource_type, internal_id, generation, attempts, "
            "reason, created_at) SELECT %s, %s, wanted, 1, 0, '', %s FROM unnest(%s::uuid[]) AS wanted "
            "ON CONFLICT DO NOTHING",
            [shape.integration.pk, shape.type, now, list(internal_ids)],
        )


def let_go(shape: Shape, internal_id: str, state: bytes, now: datetime) -> None:
    """The state there with this hash has been seen and is kept elsewhere: the delete of the record may go over it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_pendingchange (integration_id, resource_type, internal_id, generation, attempts, "
            "reason, let_go, created_at) VALUES (%s, %s, %s, 1, 0, '', %s, %s) "
            "ON CONFLICT (integration_id, resource_type, internal_id) DO UPDATE SET let_go = excluded.let_go",
            [shape.integration.pk, shape.type, internal_id, state, now],
        )


def pending(shape: Shape, limit: int, now: datetime, after: int = 0, only: Sequence[str] = ()) -> list[Pending]:
    """Due rows in their order."""
    integration = str(shape.integration.pk)
    chosen = "AND internal_id = ANY(%s::uuid[])" if only else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, internal_id::text, generation, attempts, "
            f"COALESCE({_CHANGED_AT.replace('wanted', 'internal_id')}, created_at), sent, let_go "
            "FROM integrations_pendingchange "
            "WHERE integration_id = %s AND resource_type = %s AND id > %s AND (not_before IS NULL OR not_before <= %s) "
            f"{chosen} ORDER BY id LIMIT %s",
            [shape.type, integration, integration, shape.type, after, now, *([list(only)] if only else []), limit],
        )
        return [
            Pending(key, internal_id, generation, attempts, stamp, orjson.loads(sent) if sent else (), let_go)
            for key, internal_id, generation, attempts, stamp, sent, let_go in cursor.fetchall()
        ]


def note_sent(noted: Sequence[tuple[int, Sequence[Mapping[str, Any]]]]) -> None:
    """What is about to be sent for these rows, before the first call."""
    if not noted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_pendingchange AS row SET sent = noted.sent::jsonb "
            "FROM unnest(%s::bigint[], %s::text[]) AS noted(id, sent) WHERE row.id = noted.id",
            [[key for key, _ in noted], [orjson.dumps(sent).decode() for _, sent in noted]],
        )


def sent(shape: Shape, internal_ids: Sequence[str]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """What was sent for these records without an answer, where anything was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT internal_id::text, sent FROM integrations_pendingchange WHERE integration_id = %s "
            "AND resource_type = %s AND internal_id = ANY(%s::uuid[]) AND sent IS NOT NULL",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )
        return {internal_id: orjson.loads(found) for internal_id, found in cursor.fetchall()}


def changed_at(shape: Shape, internal_ids: Sequence[str]) -> dict[str, datetime]:
    """When these records were last changed by anybody but this integration, as far as that is still known. Our own
    pulls move a record's `updated_at`; they must not make an edit here look newer than it is."""
    if not internal_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT wanted::text, {_CHANGED_AT} FROM unnest(%s::uuid[]) AS wanted",
            [shape.type, str(shape.integration.pk), list(internal_ids)],
        )
        return {record_id: stamp for record_id, stamp in cursor.fetchall() if stamp is not None}


def done_pending(rows: Sequence[Pending]) -> None:
    """Removes what was handled; a row that changed meanwhile stays."""
    _remove("integrations_pendingchange", [(row.id, row.generation) for row in rows])


def forget_pending(shape: Shape) -> None:
    """Changes of a type that cannot be written there wait for nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM integrations_pendingchange WHERE integration_id = %s AND resource_type = %s",
            [shape.integration.pk, shape.type],
        )


def later_pending(rows: Sequence[Pending], not_before: datetime, reason: str) -> None:
    """Puts rows off, with the reason shown to people."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_pendingchange SET attempts = attempts + 1, not_before = %s, reason = %s "
            "WHERE id = ANY(%s)",
            [not_before, reason, [row.id for row in rows]],
        )


def _remove(table: str, rows: Sequence[tuple[int, int]]) -> None:
    if not rows:
        return
    ids, generations = (list(column) for column in zip(*rows, strict=True))
    same = "" if planted("forget_generation") else "AND row.generation = gone.generation"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} AS row USING unnest(%s::bigint[], %s::int[]) AS gone(id, generation) "
            f"WHERE row.id = gone.id {same}",
            [ids, generations],
        )


@dataclass(frozen=True, slots=True)
class Reread:
    """An external record to read again, and why."""

    id: int
    external_id: str
    generation: int
    cause: str


def enqueue_rereads(shape: Shape, external_ids: Sequence[str], cause: str, now: datetime) -> None:
    if not external_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_externalchange (integration_id, resource_type, external_id, generation, cause, "
            "created_at) SELECT DISTINCT %s::uuid, %s, wanted, 1, %s, %s::timestamptz "
            "FROM unnest(%s::text[]) AS wanted "
            "ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET "
            "generation = integrations_externalchange.generation + 1",
            [shape.integration.pk, shape.type, cause, now, list(external_ids)],
        )


def rereads(shape: Shape, limit: int, now: datetime, after: int = 0) -> list[Reread]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, external_id, generation, cause FROM integrations_externalchange WHERE integration_id = %s "
            "AND resource_type = %s AND id > %s AND (not_before IS NULL OR not_before <= %s) ORDER BY id LIMIT %s",
            [shape.integration.pk, shape.type, after, now, limit],
        )
        return [Reread(*row) for row in cursor.fetchall()]


def done_rereads(rows: Sequence[Reread]) -> None:
    _remove("integrations_externalchange", [(row.id, row.generation) for row in rows])
