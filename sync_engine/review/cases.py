"""Settlements to conflict rows: open cases, automatic decisions, cases that closed by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sync_engine import links
from sync_engine.context import Context
from sync_engine.deciding.settle import Contested
from sync_engine.journal import INWARD, PENDING, RESOLVED, UPDATE, Entry, Journal
from sync_engine.review.standing import external_edit, latest, local_edits
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from conflicts.services import Case
    from sync_engine.inward.apply import Item


def file(ctx: Context, shape: Shape, journal: Journal, items: Sequence[Item], now: datetime) -> None:
    """Opens, updates and closes cases for a batch of settled records."""
    agreed = []
    for item in items:
        if item.settlement.review:
            _open(ctx, shape, journal, item, now)
        elif item.link.status == links.CONFLICT:
            agreed.append(item.link.internal_id)
        if item.settlement.decided:
            _decided(ctx, shape, journal, item, now)
    if agreed:
        closed(ctx, shape, agreed, now)


def closed(ctx: Context, shape: Shape, internal_ids: Sequence[str], now: datetime) -> None:
    """Both sides came to agree, or the records are gone on both: nothing is left to decide."""
    from conflicts.services import close_agreed

    close_agreed(ctx.integration, shape.type, internal_ids, now)


def _open(ctx: Context, shape: Shape, journal: Journal, item: Item, now: datetime) -> None:
    from conflicts.services import open_case

    case = _case(ctx, shape, item, item.settlement.review)
    _, news = open_case(case, now)
    if news:
        journal.counters["conflicts"] += 1
        journal.add(_entry(item, PENDING, case.fields, "Waits for a person."))


def _decided(ctx: Context, shape: Shape, journal: Journal, item: Item, now: datetime) -> None:
    from conflicts.services import record_decided

    case = _case(ctx, shape, item, item.settlement.decided)
    record_decided(case, ctx.integration.conflict_strategy, now)
    journal.counters["resolved"] += 1
    rules = "; ".join(sorted({one.decision.rule for one in item.settlement.decided}))
    journal.add(_entry(item, RESOLVED, case.fields, f"Decided by rule: {rules}."))


def _case(ctx: Context, shape: Shape, item: Item, contested: Sequence[Contested]) -> Case:
    from conflicts.services import Case

    first, link = contested[0].contest, item.link
    here = latest(local_edits(shape, link.internal_id, [one.contest.field for one in contested]))
    return Case(
        ctx.integration,
        ctx.run_id,
        shape.type,
        link.internal_id,
        link.external_id,
        [(one.contest, one.decision) for one in contested],
        local_at=first.local_at,
        external_at=first.external_at,
        local_by=here.by,
        external_by=external_edit(shape, item.record).by,
    )


def _entry(item: Item, status: str, fields: list[str], message: str) -> Entry:
    return Entry(
        UPDATE,
        INWARD,
        item.link.internal_id,
        item.link.external_id,
        status=status,
        message=f"{', '.join(fields)}: {message}",
    )
