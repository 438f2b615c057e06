"""Pull: pages in, one transaction each. Unchanged records are dropped by their hash, new ones go in by COPY,
changed ones are settled against their base.

A batch of pages, the cursor that covers it and every row it causes commit together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from connectors.base.records import ExternalRecord
from integrations.mapping.errors import ConversionError
from records import selectors
from sync_engine import links, lookups, queues
from sync_engine.context import Context
from sync_engine.deciding.clocks import in_our_time
from sync_engine.deciding.settle import ExternalState, LinkState, LocalState, settle
from sync_engine.inward.apply import Item, apply
from sync_engine.inward.first_contact import admit
from sync_engine.inward.made import dangling
from sync_engine.inward.mapped import Seen, looker
from sync_engine.inward.refusals import park_links, unreadable
from sync_engine.journal import Journal
from sync_engine.links import Light, Link
from sync_engine.outward import unconfirmed
from sync_engine.shape import Shape


def process(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    records: Iterable[ExternalRecord],
    *,
    fresh: bool = False,
    local_moved: bool = False,
) -> list[int]:
    """Handles external records inside the caller's transaction. `fresh` = read one by one just now, so the
    answer may be believed where a listing may not. `local_moved` = an equal fingerprint proves nothing,
    because the local side has changed. Returns the ids of the links that were seen."""
    return take_in(ctx, shape, journal, map(looker(shape), records), fresh=fresh, local_moved=local_moved)


def take_in(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    records: Iterable[Seen],
    *,
    fresh: bool = False,
    local_moved: bool = False,
) -> list[int]:
    """`process` for records that are mapped already."""
    latest = {seen.record.id: seen for seen in records}
    journal.counters["records"] += len(latest)
    known = links.light(shape, list(latest))
    now = ctx.now()
    new: list[Seen] = []
    changed: list[Seen] = []
    doubtful: list[str] = []
    seen_links = [link.id for link in known.values()]
    refused: list[tuple[str, str, str]] = []
    unchanged = 0
    for external_id, seen in latest.items():
        link = known.get(external_id)
        if link is not None and seen.hash and link.hash == seen.hash and link.quiet and not local_moved:
            unchanged += 1
            continue
        if seen.record.deleted:
            doubtful.append(external_id)
            continue
        if seen.refusal:
            refused.append((external_id, "invalid", seen.refusal))
            continue
        if local_moved and link is not None and link.quiet:
            changed.append(seen)
        else:
            _sort(seen, link, new, changed, doubtful, fresh)
    journal.counters["skipped"] += unchanged
    if refused:
        behind = {external_id: latest[external_id].record for external_id, *_ in refused}
        unreadable(ctx, shape, journal, refused, known, behind, now)
    if doubtful:
        _doubt(ctx, shape, doubtful, latest, now)
    if changed:
        settle_changed(ctx, shape, journal, changed, now)
    if new:
        admit(ctx, shape, journal, new, now, fresh=fresh)
    return seen_links


def _sort(
    seen: Seen,
    link: Light | None,
    new: list[Seen],
    changed: list[Seen],
    doubtful: list[str],
    fresh: bool,
) -> None:
    if link is None:
        new.append(seen)
    elif not link.quiet and not fresh:
        # Missed, or deleted on both sides, yet listed: the listing may be old. Ask for the record itself.
        doubtful.append(seen.record.id)
    else:
        changed.append(seen)


def _doubt(ctx: Context, shape: Shape, external_ids: Sequence[str], latest: dict[str, Seen], now: datetime) -> None:
    """Tombstones are a first evidence; whatever else a listing says of these is checked by a direct read."""
    if not ctx.gate.writes:
        return
    links.mark_missing(shape, [key for key in external_ids if latest[key].record.deleted], now)
    queues.enqueue_rereads(shape, [key for key in external_ids if not latest[key].record.deleted], "doubt", now)


def settle_changed(ctx: Context, shape: Shape, journal: Journal, changed: Sequence[Seen], now: datetime) -> None:
    """Linked records whose external tuple differs from the base."""
    full = links.by_external(shape, [seen.record.id for seen in changed])
    current = [
        (seen, link) for seen in changed if not (link := full[seen.record.id]).unlinked and not _older(seen, link)
    ]
    journal.counters["skipped"] += len(changed) - len(current)
    snapshots = selectors.read(
        shape.sync_type,
        str(ctx.integration.organization_id),
        [link.internal_id for _, link in current],
        shape.names,
        lock=True,
    )
    reasons: dict[str, str] = {}
    items = decide(ctx, shape, current, snapshots, reasons)
    reasons.update({item.link.external_id: reason for item, reason in invalid_items(shape, items)})
    if reasons and ctx.gate.writes:
        seen = {one.record.id: one.record for one, link in current if link.external_id in reasons}
        park_links(shape, journal, [link for _, link in current if link.external_id in reasons], reasons, now, seen)
    good = [item for item in items if item.link.external_id not in reasons]
    apply(ctx, shape, journal, good, now)
    lookups.wait_for(shape, [(item.link.external_id, *one) for item in good for one in item.waiting])
    _deleted_here(ctx, shape, journal, current, snapshots, now)


def _older(seen: Seen, link: Link) -> bool:
    """A listing may show a state from before our last confirmed read or write: never go back in time."""
    stamp, base = seen.record.updated_at, link.external_updated_at
    return stamp is not None and base is not None and stamp < base


def decide(
    ctx: Context,
    shape: Shape,
    current: Sequence[tuple[Seen, Link]],
    snapshots: dict[str, Any],
    reasons: dict[str, str],
) -> list[Item]:
    """Settles the records that are alive on both sides. One that the mapping cannot express is left out, with
    the sentence in `reasons` by external id."""
    alive = [
        (seen, link)
        for seen, link in current
        if (snapshot := snapshots.get(link.internal_id)) is not None and not snapshot.deleted
    ]
    if not alive:
        return []
    resolve = lookups.resolve(shape, [(seen.record.fields, seen.values) for seen, _ in alive])
    reverse = lookups.reverse(shape, [snapshots[link.internal_id].values for _, link in alive])
    ids = [link.internal_id for _, link in alive]
    stamps, sent = queues.changed_at(shape, ids), queues.sent(shape, ids)
    items = []
    for seen, link in alive:
        try:
            stamp, attempts = stamps.get(link.internal_id), sent.get(link.internal_id, ())
            base = unconfirmed.adopt(
                shape,
                LinkState(link.local_base, link.external_base),
                seen.values,
                attempts,
                reverse,
                moved=unconfirmed.moved(seen.record, link),
            )
            items.append(
                _settle_one(ctx, shape, seen, link, base, snapshots[link.internal_id], stamp, resolve, reverse)
            )
        except ConversionError as error:
            reasons[link.external_id] = str(error)
    return items


def _settle_one(
    ctx: Context,
    shape: Shape,
    seen: Seen,
    link: Link,
    base: LinkState,
    snapshot: Any,
    stamp: datetime | None,
    resolve: lookups.Found,
    reverse: lookups.Found,
) -> Item:
    settlement = settle(
        shape,
        base,
        LocalState(snapshot.values, stamp or snapshot.updated_at),
        ExternalState(seen.values, in_our_time(shape.connector, seen.record.updated_at)),
        ctx.policy,
        resolve,
        reverse,
    )
    waiting: list[tuple[str, str]] = []
    if settlement.held:
        waiting = lookups.unresolved(shape, seen.values, resolve)
        waiting += lookups.unresolved_here(shape, snapshot.values, reverse)
    return Item(link, seen.record, seen.values, snapshot.values, settlement, waiting)


def invalid_items(shape: Shape, items: Sequence[Item]) -> list[tuple[Item, str]]:
    """Items whose local write our own rules refuse, with the sentence."""
    found = []
    standing = dangling(shape, [(item.link.internal_id, item.settlement.local_write) for item in items])
    for item in items:
        write = item.settlement.local_write
        problems = shape.problems(write) if write else []
        if item.link.internal_id in standing:
            problems.append(standing[item.link.internal_id])
        if problems:
            found.append((item, "; ".join(problems)))
    return found


def _deleted_here(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    current: Sequence[tuple[Seen, Link]],
    snapshots: dict[str, Any],
    now: datetime,
) -> None:
    """Changed there while deleted here: the push phase reads both sides again and decides."""
    gone = [
        link.internal_id
        for _, link in current
        if link.live and ((snapshot := snapshots.get(link.internal_id)) is None or snapshot.deleted)
    ]
    if gone and ctx.gate.writes:
        queues.enqueue_pending(shape, gone, now)
        links.found_again(shape, gone)
    risen = [
        (seen, link)
        for seen, link in current
        if not link.live and (snapshot := snapshots.get(link.internal_id)) is not None and snapshot.deleted
    ]
    if risen:
        from sync_engine.deletes import restore_local

        restore_local(ctx, shape, journal, [(link, seen.record, seen.values) for seen, link in risen], now)
