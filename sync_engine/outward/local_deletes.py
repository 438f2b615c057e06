"""What was deleted here: whether it is deleted there, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from connectors.base.records import ExternalRecord
from integrations.enums import ConflictStrategy, DeletePolicy
from integrations.mapping.compiled import fingerprint
from sync_engine import deletes, links, queues
from sync_engine.context import Context
from sync_engine.gate import Step
from sync_engine.journal import DELETE, OUTWARD, Entry, Journal
from sync_engine.links import Link
from sync_engine.planted import planted
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from sync_engine.outward.calls import Attempt
    from sync_engine.queues import Pending


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
    if not _edited(shape, attempt, attempt.link) or planted("delete_over_edit"):
        return True
    # Their edit is kept first, by `_over_their_edit`: the answer to the delete may be lost. A plan's replay has no
    # second look.
    return ctx.integration.conflict_strategy == ConflictStrategy.LOCAL_WINS and not ctx.gate.open


def _edited(shape: Shape, attempt: Attempt, link: Link) -> bool:
    """Does it stand there as nobody here has seen it?"""
    record = attempt.current
    if record is None or unchanged_there(shape, link, record):
        return False
    return attempt.row.let_go != fingerprint(shape.mapping.read_external(record.fields))


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
        current = links.by_id([link.id])[link.id]
        deletes.bury(ctx, shape, current, now)
        if outcome.written and _edited(shape, attempt, link) and not planted("delete_over_edit"):
            _keep_theirs(ctx, shape, attempt, now)
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
    link, record = links.by_id([attempt.link.id])[attempt.link.id], attempt.current
    assert record is not None
    policy, strategy = ctx.integration.on_local_delete, ctx.integration.conflict_strategy
    values = shape.mapping.read_external(record.fields)
    edited = _edited(shape, attempt, link)
    if policy == DeletePolicy.UNLINK:
        done.append(attempt.row)
        deletes.bury(ctx, shape, link, now, links.UNLINKED)
    elif policy == DeletePolicy.RESTORE or (edited and strategy == ConflictStrategy.EXTERNAL_WINS):
        queues.done_pending([attempt.row])  # before: a field edited here is queued again
        deletes.restore_local(ctx, shape, journal, [(link, record, values)], now)
    elif policy == DeletePolicy.ASK or (edited and strategy != ConflictStrategy.LOCAL_WINS):
        done.append(attempt.row)
        theirs = shape.external_base(values)
        deletes.ask(ctx, shape, journal, link, None, "DELETED_LOCALLY", "Deleted here, edited there.", now, theirs)
    elif edited and ctx.gate.open:
        _over_their_edit(ctx, shape, attempt, now)


def _over_their_edit(ctx: Context, shape: Shape, attempt: Attempt, now: datetime) -> None:
    """Local wins: what it beats is kept, and the next look may delete."""
    assert attempt.current is not None
    state = fingerprint(shape.mapping.read_external(attempt.current.fields))
    _keep_theirs(ctx, shape, attempt, now)
    queues.let_go(shape, attempt.link.internal_id, state, now)
    attempt.row, attempt.again = replace(attempt.row, let_go=state), True


def _keep_theirs(ctx: Context, shape: Shape, attempt: Attempt, now: datetime) -> None:
    assert attempt.current is not None
    theirs = shape.external_base(shape.mapping.read_external(attempt.current.fields))
    reason = "Deleted here, edited there; local wins."
    deletes.note(ctx, shape, attempt.link, "DELETED_LOCALLY", reason, {}, theirs, now)


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
