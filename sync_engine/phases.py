"""The phases of one resource type: settle what is in doubt, read, sweep, confirm deletes, push."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from connectors.base.capabilities import Pulls
from connectors.base.errors import Rejected
from connectors.base.records import ExternalRecord
from integrations.models import SyncCursor
from sync_engine import deletes, feeds, links, queues
from sync_engine.context import Context
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.pull import process
from sync_engine.reader import Batch, batches
from sync_engine.shape import Shape

REREADS = 200


def reread(ctx: Context, shape: Shape) -> None:
    """Thin webhooks, lookups that resolved, doubts: read these records themselves."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    after = 0
    while rows := queues.rereads(shape, REREADS, ctx.now(), after):
        after = rows[-1].id
        size = max(1, connector.batch_size)
        for start in range(0, len(rows), size):
            chunk = rows[start : start + size]
            found = connector.fetch_many(shape.resource, [row.external_id for row in chunk])
            ports().effect("reread")
            _reread_chunk(ctx, shape, chunk, found)


def _reread_chunk(
    ctx: Context, shape: Shape, chunk: list[queues.Reread], found: dict[str, ExternalRecord | None]
) -> None:
    with transaction.atomic():
        journal = ctx.journal(shape)
        if ctx.gate.writes:
            queues.done_rereads(chunk)
            links.mark_missing(shape, [key for key, record in found.items() if record is None], ctx.now())
        process(ctx, shape, journal, [record for record in found.values() if record is not None], fresh=True)
        ctx.commit(journal)
    ports().effect("reread recorded")


@dataclass(slots=True)
class Listing:
    """One pass over a listing: from where, what for, and how far it came."""

    full: bool
    since: datetime | None
    continuation: Any = None
    high: datetime | None = None


def listing(ctx: Context, shape: Shape, cursor: SyncCursor) -> Listing:
    """Where the pass starts: at the checkpoint of an unfinished one, at the cursor, or at the beginning."""
    saved = cursor.checkpoint
    if saved and not ctx.full and saved.get("mapping") == shape.mapping_version:
        return Listing(saved["full"], _stamp(saved["since"]), saved["continuation"], _stamp(saved["high"]))
    remapped = cursor.mapping_version not in (0, shape.mapping_version)
    if ctx.full or remapped or not cursor.complete or cursor.stamp is None or shape.resource.updated_since is None:
        return Listing(True, None)
    overlap = 0 if planted("exclusive_cursor") else shape.resource.overlap
    extra = timedelta(milliseconds=1) if planted("exclusive_cursor") else timedelta(0)
    return Listing(False, cursor.stamp - timedelta(seconds=overlap) + extra, high=cursor.stamp)


def _stamp(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def pull(ctx: Context, shape: Shape, cursor: SyncCursor) -> bool:
    """Reads the listing. Returns whether it was complete and unfiltered, from its beginning in this process."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    if cursor.complete and not ctx.full:
        feeds.tombstones(ctx, shape, cursor)
    pass_ = listing(ctx, shape, cursor)
    if pass_.full and pass_.continuation is None:
        feeds.take_place(ctx, shape, cursor)
    seen: array[int] = array("q")
    resumed = pass_.continuation is not None
    newest = deletes.newest_link(shape) if pass_.full else 0
    for batch in _read(ctx, shape, cursor, pass_):
        _one_batch(ctx, shape, cursor, pass_, batch, seen)
    if pass_.full and not resumed and shape.resource.lists_all:
        with transaction.atomic():
            deletes.sweep(ctx, shape, seen, newest)
            ctx.assert_lease()
        ports().effect("swept")
    return pass_.full


def _read(ctx: Context, shape: Shape, cursor: SyncCursor, pass_: Listing) -> Iterator[Batch]:
    """Batches of the pass; a continuation that the provider no longer knows starts it again."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    try:
        yield from batches(connector.pages(shape.resource, since=pass_.since, continuation=pass_.continuation))
    except Rejected:
        if pass_.continuation is None:
            raise
        pass_.continuation = None
        yield from batches(connector.pages(shape.resource, since=pass_.since))


def _one_batch(ctx: Context, shape: Shape, cursor: SyncCursor, pass_: Listing, batch: Batch, seen: array[int]) -> None:
    ports().effect("page read")
    if planted("cursor_before_page"):
        with transaction.atomic():
            _move_cursor(shape, cursor, pass_, batch, ctx)
        ports().effect("cursor first")
    with transaction.atomic():
        journal = ctx.journal(shape)
        if batch.records:
            seen.extend(process(ctx, shape, journal, batch.records))
        if ctx.gate.writes:
            _move_cursor(shape, cursor, pass_, batch, ctx)
        ctx.commit(journal)
    ports().effect("page recorded")


def _move_cursor(shape: Shape, cursor: SyncCursor, pass_: Listing, batch: Batch, ctx: Context) -> None:
    """In the page's own transaction. The stamp moves only when the whole listing was read, because a provider
    need not list in the order of its stamps."""
    stamps = [record.updated_at for record in batch.records if record.updated_at is not None]
    pass_.high = max([*stamps, *([pass_.high] if pass_.high else [])], default=None)
    pass_.continuation = batch.continuation
    if batch.last:
        _complete(shape, cursor, pass_, batch, ctx.now())
    else:
        cursor.checkpoint = {
            "continuation": batch.continuation,
            "high": pass_.high.isoformat() if pass_.high else None,
            "since": pass_.since.isoformat() if pass_.since else None,
            "full": pass_.full,
            "mapping": shape.mapping_version,
        }
    cursor.save(update_fields=["checkpoint", "stamp", "complete", "last_full_at", "mapping_version", "feed_token"])


def _complete(shape: Shape, cursor: SyncCursor, pass_: Listing, batch: Batch, now: datetime) -> None:
    cursor.checkpoint = None
    cursor.mapping_version = shape.mapping_version
    cursor.complete = True
    if pass_.full:
        cursor.last_full_at = now
    if planted("cursor_past_lag"):
        cursor.stamp = now + timedelta(seconds=shape.resource.overlap + 1)
        return
    if pass_.high is None:
        return
    limit = (batch.read_at or now) - timedelta(seconds=shape.resource.lag)
    cursor.stamp = min(pass_.high, limit)


def only_here(ctx: Context, shape: Shape) -> int:
    """Local records without a link are queued to be created there: after a complete first listing, and on
    every full run as the safety net behind the outbox."""
    if not ctx.gate.writes:
        return _plan_only_here(ctx, shape)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_pendingchange (integration_id, resource_type, internal_id, generation, attempts, "
            f"reason, created_at) SELECT %s, %s, record.id, 1, 0, '', record.updated_at {_only_here(shape)} "
            "ON CONFLICT DO NOTHING",
            [shape.integration.pk, shape.type, *_only_here_values(shape)],
        )
        return int(cursor.rowcount)


def _only_here(shape: Shape) -> str:
    return (
        f"FROM {shape.sync_type.table} AS record WHERE record.organization_id = %s AND record.deleted_at IS NULL "
        "AND record.external_sync_enabled AND NOT EXISTS (SELECT 1 FROM integrations_integrationmapping AS link "
        "WHERE link.integration_id = %s AND link.resource_type = %s AND link.internal_id = record.id) "
        "AND NOT EXISTS (SELECT 1 FROM integrations_parkedrecord AS parked WHERE parked.integration_id = %s "
        "AND parked.resource_type = %s AND parked.side = 'LOCAL' AND parked.record_id = record.id::text)"
    )


def _only_here_values(shape: Shape) -> list[Any]:
    pair = [shape.integration.pk, shape.type]
    return [shape.integration.organization_id, *pair, *pair]


def _plan_only_here(ctx: Context, shape: Shape) -> int:
    """In a plan the pairs just matched are not linked yet: they are left out by their filed steps."""
    from records import selectors
    from sync_engine.creates import preview_creates

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT record.id::text {_only_here(shape)} AND NOT EXISTS (SELECT 1 FROM integrations_planstep AS step "
            "WHERE step.run_id = %s AND step.resource_type = %s AND step.action = 'match' "
            "AND step.internal_id = record.id::text) AND NOT EXISTS (SELECT 1 FROM integrations_pendingchange AS "
            "pending WHERE pending.integration_id = %s AND pending.resource_type = %s "
            "AND pending.internal_id = record.id)",
            [*_only_here_values(shape), ctx.run_id, shape.type, shape.integration.pk, shape.type],
        )
        ids = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        organization = str(shape.integration.organization_id)
        preview_creates(ctx, shape, chunk, selectors.read(shape.sync_type, organization, chunk, shape.names))
    return len(ids)


def local_drift(ctx: Context, shape: Shape) -> int:
    """Edits that bypassed the one door (SQL, QuerySet.update): local values that differ from the base are
    queued. Part of every full run. Returns how many were found."""
    from records import selectors

    found, last = 0, None
    organization = str(shape.integration.organization_id)
    while rows := selectors.iterate(shape.sync_type, organization, shape.names, after_id=last, limit=500):
        last = rows[-1][0]
        known = links.by_internal(shape, [row[0] for row in rows], lock=False)
        moved = [row[0] for row in rows if (link := known.get(row[0])) is not None and _drifted(shape, link, row)]
        if moved and ctx.gate.writes:
            queues.enqueue_pending(shape, moved, ctx.now())
        found += len(moved)
    return found


def _drifted(shape: Shape, link: links.Link, row: Any) -> bool:
    _, values, _, deleted = row
    if link.reason in (links.ROLLED_BACK, links.UNLINKED) and not link.live:
        return False
    if deleted or not link.live:
        return bool(deleted) is link.live
    if link.status == links.ERROR:
        return False
    return any(
        name in link.local_base and link.local_base[name] != value
        for name, value in zip(shape.names, values, strict=True)
    )
