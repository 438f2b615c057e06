"""Deletes are believed late: what both directions share of it.

A record is gone at the provider only after two independent signs: a first one (a tombstone, its absence from a
complete listing, a 404) and a direct read afterwards that finds nothing (`inward.gone`). A local delete goes out only
onto what nobody edited there (`outward.local_deletes`). A delete against an edit is a conflict. A run that would delete
more than the larger of 10 records and 5 % of the linked ones stops and asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connectors.base.records import ExternalRecord
from integrations.mapping.compiled import fingerprint
from records import services
from sync_engine import links
from sync_engine.context import Context
from sync_engine.gate import Step
from sync_engine.inward.apply import read_again
from sync_engine.inward.mapped import Seen
from sync_engine.journal import DELETE, INWARD, PENDING, Entry, Journal
from sync_engine.links import Link
from sync_engine.planted import planted
from sync_engine.review import cases
from sync_engine.shape import Shape

FLOOR, SHARE = 10, 0.05


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


def bury(ctx: Context, shape: Shape, link: Link, now: datetime, reason: str = "") -> None:
    """Gone on both sides, or kept apart for a reason: a tombstone, and nothing left to decide."""
    if link.status == links.CONFLICT:
        cases.closed(ctx, shape, [link.internal_id], now)
    link.status, link.reason, link.missing_since = links.DELETED, reason, None
    links.update([link], now)


def note(
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


def ask(
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


def restore_local(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    risen: Iterable[tuple[Link, ExternalRecord, tuple[Any, ...]]],
    now: datetime,
) -> None:
    """The provider has it (again): the local record comes back, with the provider's values."""
    from sync_engine.inward.pull import settle_changed

    rows = list(risen)
    if not ctx.gate.open:
        steps = [
            Step("restore_local", link.internal_id, link.external_id, [fingerprint(values).hex()])
            for link, _, values in rows
        ]
        answers = ctx.gate.permit(shape.type, steps)
        read_again(ctx, shape, [link.external_id for (link, _, _), yes in zip(rows, answers, strict=True) if not yes])
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
