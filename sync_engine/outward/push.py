"""Push: local changes out, in order per record, several at a time.

Each record is read right before it is written, so that nothing is overwritten unseen. The base moves only when
the provider has confirmed, by its answer; everything else in that answer is handled like a read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from connectors.base.records import ExternalRecord
from integrations.mapping.compiled import fingerprint
from records import selectors
from sync_engine import deletes, links, lookups, queues
from sync_engine.context import Context
from sync_engine.deciding.settle import agree
from sync_engine.gate import Step
from sync_engine.inward.apply import Item, label, outward_step
from sync_engine.inward.pull import process
from sync_engine.journal import FAILED, OUTWARD, UPDATE, Entry, Journal
from sync_engine.links import Link
from sync_engine.outward import calls, creates, local_deletes, unconfirmed
from sync_engine.outward.calls import Attempt, Outcome
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.queues import Pending
from sync_engine.review import cases
from sync_engine.shape import Shape

BATCH = 2_000
"""Pending rows loaded at once."""
LOOKS = 3
"""At a record that is edited there again and again while ours is to win."""


def queue_chosen(ctx: Context, shape: Shape) -> None:
    """The records that a person chose are looked at, whether or not a change of them is waiting."""
    organization = str(ctx.integration.organization_id)
    found = selectors.read(shape.sync_type, organization, ctx.only, shape.names)
    queues.enqueue_pending(shape, list(found), ctx.now())


def push(ctx: Context, shape: Shape) -> None:
    """Drains the queue of one type. Rows that must wait stay, with the reason and the next time."""
    place = ctx.stint.place(shape.type)
    ctx.hold_deletes = deletes.guarded(ctx, shape, local_deletes.pending_deletes(shape), f"at {shape.connector.label}")
    while rows := queues.pending(shape, ctx.stint.rows(BATCH), ctx.now(), place.pushed, ctx.only):
        place.pushed = rows[-1].id
        _batch(ctx, shape, rows)
        if ctx.recreate:
            again, ctx.recreate = ctx.recreate, []
            ids = [row.internal_id for row in again]
            creates.create(
                ctx,
                shape,
                again,
                selectors.read(shape.sync_type, str(ctx.integration.organization_id), ids, shape.names),
            )
        ctx.stint.rest()


def _batch(ctx: Context, shape: Shape, rows: Sequence[Pending]) -> None:
    ids = [row.internal_id for row in rows]
    known = links.by_internal(shape, ids, lock=False)
    snapshots = selectors.read(shape.sync_type, str(ctx.integration.organization_id), ids, shape.names)
    held_back = _held_back(shape, ids)
    create: list[Pending] = []
    update: list[Pending] = []
    idle: list[Pending] = []
    for row in rows:
        snapshot, link = snapshots.get(row.internal_id), known.get(row.internal_id)
        gone = snapshot is None or snapshot.deleted
        if row.internal_id in held_back:
            idle.append(row)
        elif link is None:
            (idle if gone else create).append(row)
        elif link.unlinked or (gone and not link.live):
            idle.append(row)
        else:
            update.append(row)
    if idle and ctx.gate.writes:
        queues.done_pending(idle)
    if create:
        creates.create(ctx, shape, create, snapshots)
    if update:
        _update(ctx, shape, update, known, snapshots)


def _held_back(shape: Shape, ids: Sequence[str]) -> set[str]:
    """Records that are not to leave the house. Switching one on again writes to the outbox."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id::text FROM {shape.sync_type.table} WHERE id = ANY(%s::uuid[]) AND NOT external_sync_enabled",
            [list(ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def _update(
    ctx: Context,
    shape: Shape,
    rows: Sequence[Pending],
    known: Mapping[str, Link],
    snapshots: Mapping[str, Any],
    looks: int = LOOKS,
) -> None:
    resolve, reverse = _lookups(shape, rows, known, snapshots)
    attempts = [
        Attempt(row, known[row.internal_id], snapshots.get(row.internal_id), ctx.policy, resolve, reverse)
        for row in rows
    ]
    if ctx.gate.writes:
        _note(shape, attempts)
    for chunk in calls.update(ctx, shape, attempts):
        ports().effect("update answered")
        _finish(ctx, shape, chunk)
    if again := [one.row for one in attempts if one.again]:
        _look_again(ctx, shape, again, looks - 1)


def _look_again(ctx: Context, shape: Shape, rows: Sequence[Pending], looks: int) -> None:
    """The edits that lose are in their cases by now, so that ours is a plain change, or a plain delete."""
    if not looks:
        queues.later_pending(rows, ctx.now() + timedelta(seconds=calls.RETRY_SOON), "Edited there at the same moment.")
        return
    ids = [row.internal_id for row in rows]
    snapshots = selectors.read(shape.sync_type, str(ctx.integration.organization_id), ids, shape.names)
    _update(ctx, shape, rows, links.by_internal(shape, ids, lock=False), snapshots, looks)


def _note(shape: Shape, attempts: Sequence[Attempt]) -> None:
    noted = []
    for one in attempts:
        if not one.deleted_here and not planted("forget_sent"):
            new = unconfirmed.attempt(shape, one.link.local_base, one.local)
            if new and new not in one.row.sent:
                noted.append((one.row.id, unconfirmed.with_attempt(one.row.sent, new)))
    queues.note_sent(noted)
    ports().effect("push noted")


def _lookups(
    shape: Shape, rows: Sequence[Pending], known: Mapping[str, Link], snapshots: Mapping[str, Any]
) -> tuple[lookups.Found, lookups.Found]:
    """References known so far; one that moved at the provider meanwhile is held and read again."""
    bases = [tuple(known[row.internal_id].external_base.get(key) for key in shape.keys) for row in rows]
    resolve = lookups.resolve(shape, [({}, base) for base in bases])
    reverse = lookups.reverse(shape, [one.values for row in rows if (one := snapshots.get(row.internal_id))])
    return resolve, reverse


def _finish(ctx: Context, shape: Shape, chunk: Sequence[Attempt]) -> None:
    """One transaction for the answers of a chunk."""
    fatal: Outcome | None = None
    with transaction.atomic():
        journal = ctx.journal(shape)
        now = ctx.now()
        done: list[Pending] = []
        fresh: list[ExternalRecord] = []
        sent = [a.link.id for a in chunk if a.settlement is not None and a.settlement.external_write]
        held = links.by_id(sent) if ctx.gate.writes else {}
        moved: list[Link] = []
        for attempt in chunk:
            ctx.answers += attempt.current is not None or attempt.outcome.answered
            fatal = fatal or (attempt.outcome if attempt.outcome.fatal else None)
            record = _finish_one(ctx, shape, journal, attempt, done, now, held, moved)
            if record is not None:
                fresh.append(record)
        links.update(moved, now)
        if ctx.gate.writes:
            queues.done_pending(done)  # before the answers are read: these may queue the record again
        if fresh:
            process(ctx, shape, journal, fresh, fresh=True, local_moved=True)
            journal.counters["records"] -= len(fresh)
        ctx.commit(journal)
    ports().effect("update recorded")
    if fatal:
        fatal.raise_if_fatal()


def _finish_one(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    attempt: Attempt,
    done: list[Pending],
    now: datetime,
    held: Mapping[int, Link],
    moved: list[Link],
) -> ExternalRecord | None:
    """Returns the record to handle like a read, if there is one. `held` are the locked links of the chunk;
    those whose base moves are added to `moved`, to be written together."""
    outcome = attempt.outcome
    if attempt.deleted_here:
        local_deletes.finish_local_delete(ctx, shape, journal, attempt, done, now)
        return None
    if outcome.gone:
        local_deletes.seen_gone(ctx, shape, attempt, done, now)
        return None
    if outcome.refused and ctx.gate.writes:
        _park_link(shape, journal, attempt, now)
        done.append(attempt.row)
        return None
    if not ctx.gate.writes:
        return None if attempt.settlement is None or attempt.settlement.external_write else outcome.record
    if outcome.record is None:
        if outcome.unknown and planted("base_before_confirmation"):
            moved.append(_confirm(ctx, shape, journal, attempt, attempt.current, now, held))
        if outcome.unknown and planted("drop_unknown"):
            done.append(attempt.row)
            return None
        ctx.failures.append(outcome.message)
        queues.later_pending([attempt.row], now + calls.later(attempt.row, outcome), outcome.message)
        if not outcome.unknown:
            queues.note_sent([(attempt.row.id, attempt.row.sent)])  # surely not written
        return None
    if attempt.settlement is not None and attempt.settlement.external_write and not outcome.written:
        if not (ctx.gate.open and attempt.overrules):
            return None
        attempt.again = True
        queues.note_sent([(attempt.row.id, attempt.row.sent)])  # nothing was written yet
        return outcome.record
    done.append(attempt.row)
    if outcome.written:
        moved.append(_confirm(ctx, shape, journal, attempt, outcome.record, now, held))
    return outcome.record


def _confirm(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    attempt: Attempt,
    record: ExternalRecord | None,
    now: datetime,
    held: Mapping[int, Link],
) -> Link:
    """The provider has the values: the base of the pushed fields moves to what it answered. Returns the link
    as it must be written."""
    settled = attempt.settlement
    assert settled is not None
    assert record is not None
    values = shape.mapping.read_external(record.fields)
    link = held[attempt.link.id]
    for name, sent in settled.pushed.items():
        outcome = tuple(values[index] for index in shape.rules_of[name])
        base = settled
        base.local_base, base.external_base = link.local_base, link.external_base
        agree(shape, base, name, sent, outcome)
        link.provenance[name] = {"by": "LOCAL", "run": ctx.run_id, "at": now.isoformat(), "rule": "pushed"}
        if any(settled.external_write.get(i, values[i]) != values[i] for i in shape.rules_of[name]):
            link.rewrites[name] = link.rewrites.get(name, 0) + 1
    link.external_hash, link.status, link.reason = None, links.SYNCED, ""
    link.version, link.external_updated_at = record.version, record.updated_at
    _log_push(ctx, shape, journal, attempt, now)
    return link


def _log_push(ctx: Context, shape: Shape, journal: Journal, attempt: Attempt, now: datetime) -> None:
    settled, link = attempt.settlement, attempt.link
    assert settled is not None
    journal.counters["pushed"] += 1
    journal.counters["merged"] += settled.merged
    after = {shape.keys[index]: value for index, value in settled.external_write.items()}
    trace = attempt.outcome.trace(attempt.row.attempts)
    before = settled.external_before
    journal.add(Entry(UPDATE, OUTWARD, link.internal_id, link.external_id, before=before, after=after, trace=trace))
    if any(one.decision.winner == "LOCAL" for one in settled.decided) and attempt.current is not None:
        settled.decided = [one for one in settled.decided if one.decision.winner == "LOCAL"]
        settled.review = []
        cases.file(ctx, shape, journal, [Item(link, attempt.current, (), attempt.local, settled)], now)


def _park_link(shape: Shape, journal: Journal, attempt: Attempt, now: datetime) -> None:
    """The provider refused: its own words stand on the record until somebody changes it."""
    link = links.by_id([attempt.link.id])[attempt.link.id]
    link.status, link.reason = links.ERROR, attempt.outcome.message
    if attempt.current is not None:
        # Seen as it stands: only an edit, on either side, brings the record up again.
        link.external_hash = fingerprint(shape.mapping.read_external(attempt.current.fields))
    links.update([link], now)
    journal.counters["failed"] += 1
    journal.counters["refused"] += 1
    journal.add(
        Entry(
            UPDATE,
            OUTWARD,
            link.internal_id,
            link.external_id,
            FAILED,
            failure="rejected",
            message=attempt.outcome.message,
            http_status=attempt.outcome.status,
            trace=attempt.outcome.trace(attempt.row.attempts),
        )
    )


def preview_steps(shape: Shape, attempts: Sequence[Attempt]) -> Iterator[Step]:
    """The outward writes of a chunk as plan steps."""
    for attempt in attempts:
        if attempt.settlement is not None and attempt.settlement.external_write:
            yield outward_step(shape, attempt.link, attempt.settlement, label(shape, attempt.local))
