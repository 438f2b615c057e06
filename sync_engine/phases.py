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
from integrations.models import SyncCursor
from sync_engine import links, queues, scope
from sync_engine.context import Context
from sync_engine.inward import feeds, fetching, shown, sweeping
from sync_engine.inward.fetching import Fetched
from sync_engine.inward.mapped import looker
from sync_engine.inward.pull import process, take_in
from sync_engine.inward.reader import Batch, batches
from sync_engine.inward.refusals import refuse
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.shape import Shape

REREADS = 200


def reread(ctx: Context, shape: Shape) -> None:
    """Thin webhooks, lookups that resolved, doubts: read these records themselves."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    after, known = 0, set[str]()
    while queued := queues.rereads(shape, REREADS, ctx.now(), after):
        after = queued[-1].id
        # What was read in this phase and is queued again waits for the next one.
        rows = [row for row in queued if row.external_id not in known]
        known.update(row.external_id for row in rows)
        size = max(1, connector.batch_size)
        for start in range(0, len(rows), size):
            chunk = rows[start : start + size]
            found = fetching.fetch(shape, [row.external_id for row in chunk])
            ctx.answers += 1
            ports().effect("reread")
            _reread_chunk(ctx, shape, chunk, found)
            ctx.stint.rest()


def _reread_chunk(ctx: Context, shape: Shape, chunk: list[queues.Reread], found: Fetched) -> None:
    with transaction.atomic():
        journal = ctx.journal(shape)
        if ctx.gate.writes:
            queues.done_rereads(chunk)
            links.mark_missing(shape, [key for key, record in found.records.items() if record is None], ctx.now())
            refuse(ctx, shape, journal, found.refused)
        process(ctx, shape, journal, found.there, fresh=True)
        ctx.commit(journal)
    ports().effect("reread recorded")


@dataclass(slots=True)
class Listing:
    """One pass over a listing: from where, what for, and how far it came. `newest` is the greatest id of a link
    when it began; `kept` = what it shows is kept, so that a later task can tell what is missing."""

    full: bool
    since: datetime | None
    continuation: Any = None
    high: datetime | None = None
    newest: int = 0
    kept: bool = False

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> Listing:
        since, high = _stamp(saved["since"]), _stamp(saved["high"])
        return cls(saved["full"], since, saved["continuation"], high, saved.get("newest", 0), saved.get("kept", False))

    def stored(self, mapping_version: int) -> dict[str, Any]:
        return {
            "continuation": self.continuation,
            "high": self.high.isoformat() if self.high else None,
            "since": self.since.isoformat() if self.since else None,
            "full": self.full,
            "mapping": mapping_version,
            "newest": self.newest,
            "kept": self.kept,
        }


def listing(ctx: Context, shape: Shape, cursor: SyncCursor) -> Listing:
    """Where the pass starts: at the checkpoint of an unfinished one, at the cursor, or at the beginning."""
    place = ctx.stint.place(shape.type)
    saved = place.listing or cursor.checkpoint
    if saved and (place.began or not ctx.full) and saved.get("mapping") == shape.mapping_version:
        return Listing.restored(saved)
    remapped = cursor.mapping_version not in (0, shape.mapping_version)
    if ctx.full or remapped or not cursor.complete or cursor.stamp is None or shape.resource.updated_since is None:
        return Listing(True, None)
    overlap = 0 if planted("exclusive_cursor") else shape.resource.overlap
    extra = timedelta(milliseconds=1) if planted("exclusive_cursor") else timedelta(0)
    return Listing(False, cursor.stamp - timedelta(seconds=overlap) + extra, high=cursor.stamp)


def _stamp(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def pull(ctx: Context, shape: Shape, cursor: SyncCursor) -> bool:
    """Reads the listing. Returns whether it was complete and unfiltered."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    place = ctx.stint.place(shape.type)
    if cursor.complete and not ctx.full and not place.began:
        feeds.tombstones(ctx, shape, cursor)
    pass_ = listing(ctx, shape, cursor)
    resumed, place.began = pass_.continuation is not None, True
    if pass_.full and not resumed:
        _begin(ctx, shape, cursor, pass_)
    listed: array[int] = shown.kept(shape) if pass_.kept else array("q")
    for batch in _read(ctx, shape, cursor, pass_):
        _one_batch(ctx, shape, cursor, pass_, batch, listed)
        ctx.stint.read += batch.pages
        if not batch.last:
            ctx.stint.rest()
    if pass_.full and (pass_.kept or not resumed) and shape.resource.lists_all:
        with transaction.atomic():
            sweeping.sweep(ctx, shape, listed, pass_.newest)
            if pass_.kept:
                shown.forget(shape)
            ctx.assert_lease()
        ports().effect("swept")
    return pass_.full


def _begin(ctx: Context, shape: Shape, cursor: SyncCursor, pass_: Listing) -> None:
    """At the first page of a full listing."""
    feeds.take_place(ctx, shape, cursor)
    pass_.newest = sweeping.newest_link()
    pass_.kept = ctx.stint.bounded and ctx.gate.writes and shape.resource.lists_all
    if pass_.kept:
        shown.forget(shape)


def _read(ctx: Context, shape: Shape, cursor: SyncCursor, pass_: Listing) -> Iterator[Batch]:
    """Batches of the pass; a continuation that the provider no longer knows starts it again."""
    connector, look = shape.connector, looker(shape, new=not cursor.complete)
    assert isinstance(connector, Pulls)
    try:
        pages = connector.pages(shape.resource, since=pass_.since, continuation=pass_.continuation)
        yield from batches(pages, look, ctx.stint.over, shape.connector.threads)
    except Rejected:
        if pass_.continuation is None:
            raise
        pass_.continuation = None
        pages = connector.pages(shape.resource, since=pass_.since)
        yield from batches(pages, look, ctx.stint.over, shape.connector.threads)


def _one_batch(
    ctx: Context, shape: Shape, cursor: SyncCursor, pass_: Listing, batch: Batch, listed: array[int]
) -> None:
    ctx.answers += 1
    ports().effect("page read")
    if planted("cursor_before_page"):
        with transaction.atomic():
            _move_cursor(shape, cursor, pass_, batch, ctx)
        ports().effect("cursor first")
    with transaction.atomic():
        journal = ctx.journal(shape)
        found = array("q", take_in(ctx, shape, journal, batch.records) if batch.records else ())
        listed.extend(found)
        if pass_.kept and found:
            shown.keep(shape, found)
        if ctx.gate.writes:
            _move_cursor(shape, cursor, pass_, batch, ctx)
        else:
            _advance(pass_, batch)
            ctx.stint.place(shape.type).listing = None if batch.last else pass_.stored(shape.mapping_version)
        ctx.commit(journal)
    ports().effect("page recorded")


def _move_cursor(shape: Shape, cursor: SyncCursor, pass_: Listing, batch: Batch, ctx: Context) -> None:
    """In the page's own transaction. The stamp moves only when the whole listing was read, because a provider
    need not list in the order of its stamps."""
    _advance(pass_, batch)
    if batch.last:
        _complete(shape, cursor, pass_, batch, ctx.now())
    else:
        cursor.checkpoint = pass_.stored(shape.mapping_version)
    cursor.save(update_fields=["checkpoint", "stamp", "complete", "last_full_at", "mapping_version", "feed_token"])


def _advance(pass_: Listing, batch: Batch) -> None:
    stamps = [stamp for seen in batch.records if (stamp := seen.record.updated_at) is not None]
    pass_.high = max([*stamps, *([pass_.high] if pass_.high else [])], default=None)
    pass_.continuation = batch.continuation


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
    """One descent into an index per record, whatever the planner believes: right after a first sync the tables have
    no statistics yet, and NOT EXISTS then reads every link for every record."""
    return (
        f"FROM {shape.sync_type.table} AS record WHERE record.organization_id = %s AND record.deleted_at IS NULL "
        "AND record.external_sync_enabled AND (SELECT 1 FROM integrations_integrationmapping AS link "
        "WHERE link.integration_id = %s AND link.resource_type = %s AND link.internal_id = record.id LIMIT 1) IS NULL "
        "AND (SELECT 1 FROM integrations_parkedrecord AS parked WHERE parked.integration_id = %s "
        "AND parked.resource_type = %s AND parked.side = 'LOCAL' AND parked.record_id = record.id::text LIMIT 1) "
        "IS NULL" + scope.condition(shape.integration, shape.sync_type, "record")[0]
    )


def _only_here_values(shape: Shape) -> list[Any]:
    pair = [shape.integration.pk, shape.type]
    inside = scope.condition(shape.integration, shape.sync_type, "record")[1]
    return [shape.integration.organization_id, *pair, *pair, *inside]


def count_only_here(shape: Shape, most: int) -> int:
    """How many local records have no link, counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 {_only_here(shape)} LIMIT %s) AS counted",
            [*_only_here_values(shape), most],
        )
        return int(cursor.fetchone()[0])


def _plan_only_here(ctx: Context, shape: Shape) -> int:
    """In a plan the pairs just matched are not linked yet: they are left out by their filed steps."""
    from records import selectors
    from sync_engine.outward.creates import preview_creates

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
