"""External records that cannot become local ones yet: kept with the reason, tried again when they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from connectors.base.records import ExternalRecord
from records import copying
from sync_engine.context import Context
from sync_engine.gate import Step
from sync_engine.journal import CREATE, FAILED, INWARD, OUTWARD, Entry, Journal
from sync_engine.shape import Shape
from sync_engine.traces import Trace


def park(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    refused: Sequence[tuple[str, str, str]],
    now: datetime,
    *,
    side: str,
    behind: Mapping[str, Trace | ExternalRecord] | None = None,
) -> None:
    """`refused` holds (record id, kind, sentence). Only news are logged; a plan notes them and keeps nothing.
    `behind` = what the log shows behind the sentence: the provider's record, or the call that failed."""
    if not refused:
        return
    if not ctx.gate.writes:
        # An ambiguous match is a step of the plan already, with its candidates.
        ctx.gate.note(shape.type, [_noted(*one, side) for one in refused if one[1] != "ambiguous"])
        return
    ids, kinds, reasons = (list(column) for column in zip(*refused, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_parkedrecord AS parked (integration_id, resource_type, side, record_id, kind, "
            "reason, first_seen_at, last_seen_at) SELECT %s, %s, %s, *, %s, %s "
            "FROM unnest(%s::text[], %s::text[], %s::text[]) "
            "ON CONFLICT (integration_id, resource_type, side, record_id) DO UPDATE SET reason = excluded.reason, "
            "kind = excluded.kind, last_seen_at = excluded.last_seen_at "
            "WHERE parked.reason <> excluded.reason RETURNING record_id",
            [shape.integration.pk, shape.type, side, now, now, ids, kinds, reasons],
        )
        news = {row[0] for row in cursor.fetchall()}
    for record_id, kind, reason in refused:
        journal.counters["parked"] += 1
        if record_id in news:
            journal.counters["failed"] += 1
            journal.counters["refused"] += side == "LOCAL"
            journal.add(_entry(record_id, kind, reason, side, (behind or {}).get(record_id)))


def _noted(record_id: str, kind: str, reason: str, side: str) -> Step:
    internal, external = ("", record_id) if side == "EXTERNAL" else (record_id, "")
    return Step(kind, internal, external, [reason], detail=reason)


def _entry(record_id: str, kind: str, reason: str, side: str, behind: Trace | ExternalRecord | None) -> Entry:
    external = side == "EXTERNAL"
    return Entry(
        CREATE,
        INWARD if external else OUTWARD,
        None if external else record_id,
        record_id if external else None,
        status=FAILED,
        failure=kind,
        message=reason,
        http_status=behind.status if isinstance(behind, Trace) else None,
        trace=behind if isinstance(behind, Trace) else None,
        record=behind.fields if isinstance(behind, ExternalRecord) else None,
    )


def reason(shape: Shape, record_id: str, *, side: str = "EXTERNAL") -> str:
    """Why the record is parked, "" if it is not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reason FROM integrations_parkedrecord WHERE integration_id = %s AND resource_type = %s "
            "AND side = %s AND record_id = %s",
            [shape.integration.pk, shape.type, side, record_id],
        )
        found: tuple[str] | None = cursor.fetchone()
    return found[0] if found else ""


def release(shape: Shape, record_ids: Sequence[str], *, side: str) -> None:
    """These records made it after all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM integrations_parkedrecord WHERE integration_id = %s AND resource_type = %s AND side = %s "
            "AND record_id = ANY(%s::text[])",
            [shape.integration.pk, shape.type, side, copying.array_text(record_ids)],
        )
