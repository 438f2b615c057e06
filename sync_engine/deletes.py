"""Deletes are believed late.

A record is gone at the provider only after two independent signs: a first one (a tombstone, its absence from a
complete listing, a 404) and a direct read afterwards that finds nothing. A delete against an edit is a conflict.
A run that would delete more than the larger of 10 records and 5 % of the linked ones stops and asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from connectors.base.capabilities import Pulls
from connectors.base.records import ExternalRecord
from integrations.enums import ConflictStrategy, DeletePolicy
from integrations.mapping.compiled import fingerprint
from records import selectors, services
from sync_engine import cases, fetching, links, queues
from sync_engine.context import Context
from sync_engine.fetching import Fetched
from sync_engine.gate import Step
from sync_engine.journal import DELETE, INWARD, OUTWARD, PENDING, Entry, Journal
from sync_engine.links import Link
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.shape import Shape
from sync_engine.table import Act, act

if TYPE_CHECKING:
    from sync_engine.outward import Attempt
    from sync_engine.queues import Pending

FLOOR, SHARE = 10, 0.05
CHUNK = 1_000


def guard_limit(shape: Shape) -> int:
    """How many deletes a run may carry out unasked."""
    return max(FLOOR, int(links.count_live(shape) * SHARE))


def guarded(ctx: Context, shape: Shape, count: int, where: str) -> bool:
    """True if so many deletes must be approved first; the run then says so and goes on without them."""
    if ctx.approve_deletes or planted("no_delete_guard") or count <= FLOOR:
        return False
    limit = guard_limit(shape)
    if count <= limit:
        return False
    ctx.approvals.append(
        f"{count} {shape.sync_type.label.lower()} records would be deleted {where} (more than {limit}). "
        "Nothing was deleted. Check the provider and its permissions, then approve."
    )
    return True


def confirm_missing(ctx: Context, shape: Shape) -> None:
    """Reads every suspect directly; those that are really gone are deleted here, by policy."""
    suspects = links.missing(shape, CHUNK)
    if not suspects or guarded(ctx, shape, len(suspects), "here"):
        return
    connector = shape.connector
    assert isinstance(connector, Pulls)
    size = max(1, connector.batch_size)
    for start in range(0, len(suspects), size):
        chunk = suspects[start : start + size]
        if planted("believe_first_absence"):
            found = Fetched({link.external_id: None for link in chunk})
        else:
            found = fetching.fetch(shape, [link.external_id for link in chunk])
        ports().effect("suspects read")
        _judge(ctx, shape, chunk, found)


def _judge(ctx: Context, shape: Shape, chunk: Sequence[Link], found: Fetched) -> None:
    from sync_engine.pull import process
    from sync_engine.refusals import refuse

    with transaction.atomic():
        journal = ctx.journal(shape)
        looked_at = [link for link in chunk if link.external_id in found.records]
        gone = [link for link in looked_at if (one := found.records[link.external_id]) is None or one.deleted]
        there = [one for one in found.there if not one.deleted]
        if ctx.gate.writes:
            refuse(ctx, shape, journal, found.refused)
        if there:
            process(ctx, shape, journal, there, fresh=True)
        if gone:
            believe(ctx, shape, journal, [link.id for link in gone], ctx.now())
        ctx.commit(journal)
    ports().effect("suspects recorded")


def believe(ctx: Context, shape: Shape, journal: Journal, link_ids: Sequence[int], now: datetime) -> None:
    """These are gone at the provider: carry out the row of the record table for each."""
    current = links.by_id(shape, link_ids)
    organization = str(ctx.integration.organization_id)
    snapshots = selectors.read(
        shape.sync_type, organization, [link.internal_id for link in current.values()], shape.names, lock=True
    )
    remove: list[Link] = []
    for link in current.values():
        snapshot = snapshots.get(link.internal_id)
        what = act("live" if link.live else "tomb", _local_state(shape, link, snapshot), "absent")
        if what is Act.DELETE_LOCAL or (what is Act.ASK_DELETED_EXTERNALLY and planted("delete_over_edit")):
            remove.append(link)
        elif what is Act.ASK_DELETED_EXTERNALLY:
            _edited_here(ctx, shape, journal, link, snapshot, remove, now)
        elif what is Act.CLOSE and ctx.gate.writes:
            _close(ctx, shape, link, now)
    if remove:
        remove_local(ctx, shape, journal, remove, now)


def _local_state(shape: Shape, link: Link, snapshot: Any) -> Any:
    if snapshot is None:
        return "absent"
    if snapshot.deleted:
        return "deleted"
    base = link.local_base
    pairs = zip(shape.names, snapshot.values, strict=True)
    return "changed" if any(name in base and base[name] != value for name, value in pairs) else "same"


def _close(ctx: Context, shape: Shape, link: Link, now: datetime, reason: str = "") -> None:
    """Gone on both sides, or kept apart for a reason: a tombstone, and nothing left to decide."""
    if link.status == links.CONFLICT:
        cases.closed(ctx, shape, [link.internal_id], now)
    link.status, link.reason, link.missing_since = links.DELETED, reason, None
    links.update([link], now)


def remove_local(ctx: Context, shape: Shape, journal: Journal, gone: list[Link], now: datetime) -> None:
    policy = ctx.integration.on_external_delete
    if policy in (DeletePolicy.ASK, DeletePolicy.RESTORE):
        for link in gone:
            _by_policy(ctx, shape, journal, link, policy, now)
        return
    chosen = gone
    if not ctx.gate.open:
        steps = [
            Step("delete_local", link.internal_id, link.external_id, [sorted(link.local_base.items())]) for link in gone
        ]
        answers = ctx.gate.permit(shape.type, steps)
        chosen = [link for link, yes in zip(gone, answers, strict=True) if yes]
    if not chosen:
        return
    if policy != DeletePolicy.UNLINK:
        ids = [link.internal_id for link in chosen]
        organization = str(ctx.integration.organization_id)
        services.bulk_delete(shape.sync_type, organization, ids, origin=ctx.origin, now=now)
    cases.closed(ctx, shape, [link.internal_id for link in chosen if link.status == links.CONFLICT], now)
    reason = links.UNLINKED if policy == DeletePolicy.UNLINK else ""
    for link in chosen:
        link.status, link.reason, link.missing_since = links.DELETED, reason, None
        journal.counters["deleted"] += 1
        journal.add(Entry(DELETE, INWARD, link.internal_id, link.external_id, before=link.local_base))
    links.update(chosen, now)


def _by_policy(ctx: Context, shape: Shape, journal: Journal, link: Link, policy: str, now: datetime) -> None:
    if not ctx.gate.writes:
        return
    if policy == DeletePolicy.RESTORE:
        recreate(ctx, shape, link, now)
    else:
        _ask(ctx, shape, journal, link, None, "DELETED_EXTERNALLY", "It was deleted there; the mapping asks.", now)


def recreate(ctx: Context, shape: Shape, link: Link, now: datetime) -> None:
    """The local record stays and is created again there, under the same link."""
    _close(ctx, shape, link, now)
    queues.enqueue_pending(shape, [link.internal_id], now)


def _edited_here(
    ctx: Context, shape: Shape, journal: Journal, link: Link, snapshot: Any, remove: list[Link], now: datetime
) -> None:
    """Deleted there, edited here: by strategy where it is clear, else a person decides."""
    strategy = ctx.integration.conflict_strategy
    local = dict(zip(shape.names, snapshot.values, strict=True))
    if strategy == ConflictStrategy.EXTERNAL_WINS:
        remove.append(link)
        if ctx.gate.writes:
            _note(ctx, shape, link, "DELETED_EXTERNALLY", "Deleted there, edited here; external wins.", local, {}, now)
    elif strategy == ConflictStrategy.LOCAL_WINS and ctx.gate.writes:
        recreate(ctx, shape, link, now)
    elif ctx.gate.writes:
        _ask(ctx, shape, journal, link, local, "DELETED_EXTERNALLY", "Deleted there, edited here.", now)


def _note(
    ctx: Context,
    shape: Shape,
    link: Link,
    kind: str,
    reason: str,
    local: dict[str, Any],
    external: dict[str, Any],
    now: datetime,
) -> None:
    """A delete that beat an edit by rule leaves what it beat; an open case of the record is answered by it."""
    from conflicts.services import Case, close_agreed, record_decided

    data = {"local": local, "external": external}
    close_agreed(ctx.integration, shape.type, [link.internal_id], now)
    case = Case(
        ctx.integration, ctx.run_id, shape.type, link.internal_id, link.external_id, kind=kind, reason=reason, data=data
    )
    record_decided(case, ctx.integration.conflict_strategy, now)


def _ask(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    link: Link,
    local: dict[str, Any] | None,
    kind: str,
    reason: str,
    now: datetime,
    external: dict[str, Any] | None = None,
) -> None:
    from conflicts.services import Case, open_case

    data = {"local": local or {}, "external": external or {}}
    case = Case(
        ctx.integration, ctx.run_id, shape.type, link.internal_id, link.external_id, kind=kind, reason=reason, data=data
    )
    _, news = open_case(case, now)
    if link.status != links.CONFLICT:
        link.status, link.reason = links.CONFLICT, reason
        links.update([link], now)
    if news:
        journal.counters["conflicts"] += 1
        journal.add(Entry(DELETE, INWARD, link.internal_id, link.external_id, PENDING, message=reason))


def seen_gone(ctx: Context, shape: Shape, attempt: Attempt, done: list[Pending], now: datetime) -> None:
    """A push found nothing: a first sign. The pending change stays until the second look, unless a person is
    asked already: the decision queues it again."""
    if not ctx.gate.writes:
        return
    if attempt.link.status == links.CONFLICT:
        done.append(attempt.row)
    if attempt.link.live:
        links.mark_missing(shape, [attempt.link.external_id], now)
        return
    # A tombstone whose local record lives again: create it there under the old link.
    ctx.recreate.append(attempt.row)


def unchanged_there(shape: Shape, link: Link, record: ExternalRecord) -> bool:
    values = shape.mapping.read_external(record.fields)
    return all(link.external_base.get(key) == value for key, value in zip(shape.keys, values, strict=True))


def delete_step(link: Link) -> Step:
    """A delete at the provider, as a plan step."""
    inputs = [sorted(link.external_base.items())]
    return Step("delete_external", link.internal_id, link.external_id, inputs, before=link.external_base)


def may_delete_there(ctx: Context, shape: Shape, attempt: Attempt) -> bool:
    """A local delete goes out if nobody edited the record there since, or the rule says so."""
    if attempt.current is None or ctx.integration.on_local_delete not in (DeletePolicy.ARCHIVE, DeletePolicy.PROPAGATE):
        return False
    if unchanged_there(shape, attempt.link, attempt.current) or planted("delete_over_edit"):
        return True
    return ctx.integration.conflict_strategy == ConflictStrategy.LOCAL_WINS


def finish_local_delete(
    ctx: Context, shape: Shape, journal: Journal, attempt: Attempt, done: list[Pending], now: datetime
) -> None:
    """What became of a local delete."""
    link, outcome = attempt.link, attempt.outcome
    if not ctx.gate.writes or ctx.hold_deletes:
        return
    if outcome.error is not None and not outcome.gone:
        ctx.failures.append(outcome.message)
        queues.later_pending([attempt.row], now, outcome.message)
        return
    if outcome.gone or outcome.written:
        done.append(attempt.row)
        current = links.by_id(shape, [link.id])[link.id]
        _close(ctx, shape, current, now)
        edited = attempt.current is not None and not unchanged_there(shape, link, attempt.current)
        if outcome.written and attempt.current is not None and edited and not planted("delete_over_edit"):
            theirs = shape.external_base(shape.mapping.read_external(attempt.current.fields))
            _note(ctx, shape, link, "DELETED_LOCALLY", "Deleted here, edited there; local wins.", {}, theirs, now)
        if outcome.written:
            journal.counters["deleted"] += 1
            # The record whole, as it was read right before: nobody else may keep what is not mapped.
            last = link.external_base if attempt.current is None else attempt.current.fields
            trace = outcome.trace(attempt.row.attempts)
            journal.add(Entry(DELETE, OUTWARD, link.internal_id, link.external_id, before=last, trace=trace))
        return
    _not_deleted_there(ctx, shape, journal, attempt, done, now)


def _not_deleted_there(
    ctx: Context, shape: Shape, journal: Journal, attempt: Attempt, done: list[Pending], now: datetime
) -> None:
    link, record = links.by_id(shape, [attempt.link.id])[attempt.link.id], attempt.current
    assert record is not None
    policy, strategy = ctx.integration.on_local_delete, ctx.integration.conflict_strategy
    values = shape.mapping.read_external(record.fields)
    edited = not unchanged_there(shape, link, record)
    if policy == DeletePolicy.UNLINK:
        done.append(attempt.row)
        _close(ctx, shape, link, now, links.UNLINKED)
    elif policy == DeletePolicy.RESTORE or (edited and strategy == ConflictStrategy.EXTERNAL_WINS):
        queues.done_pending([attempt.row])  # before: a field edited here is queued again
        restore_local(ctx, shape, journal, [(link, record, values)], now)
    elif policy == DeletePolicy.ASK or (edited and strategy != ConflictStrategy.LOCAL_WINS):
        done.append(attempt.row)
        theirs = shape.external_base(values)
        _ask(ctx, shape, journal, link, None, "DELETED_LOCALLY", "Deleted here, edited there.", now, theirs)


def restore_local(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    risen: Iterable[tuple[Link, ExternalRecord, tuple[Any, ...]]],
    now: datetime,
) -> None:
    """The provider has it (again): the local record comes back, with the provider's values."""
    from sync_engine.pull import Seen, settle_changed

    rows = list(risen)
    if not ctx.gate.open:
        steps = [
            Step("restore_local", link.internal_id, link.external_id, [fingerprint(values).hex()])
            for link, _, values in rows
        ]
        answers = ctx.gate.permit(shape.type, steps)
        rows = [row for row, yes in zip(rows, answers, strict=True) if yes]
    if not rows:
        return
    ids = [link.internal_id for link, _, _ in rows]
    services.bulk_restore(shape.sync_type, str(ctx.integration.organization_id), ids, origin=ctx.origin, now=now)
    for link, _, _ in rows:
        link.status, link.missing_since = links.SYNCED, None
        link.external_updated_at = None
    links.update([link for link, _, _ in rows], now)
    journal.counters["pulled"] += len(rows)
    settle_changed(ctx, shape, journal, [Seen(record, v, fingerprint(v)) for _, record, v in rows], now)


def pending_deletes(shape: Shape) -> int:
    """How many live records wait to be deleted at the provider."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM integrations_pendingchange AS pending "
            f"JOIN {shape.sync_type.table} AS record ON record.id = pending.internal_id "
            f"JOIN {links.TABLE} AS link ON link.integration_id = pending.integration_id "
            "AND link.resource_type = pending.resource_type AND link.internal_id = pending.internal_id "
            "WHERE pending.integration_id = %s AND pending.resource_type = %s AND record.deleted_at IS NOT NULL "
            "AND link.sync_status NOT IN ('DELETED', 'CONFLICT')",
            [shape.integration.pk, shape.type],
        )
        return int(cursor.fetchone()[0])
