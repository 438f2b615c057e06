"""Carries out settlements on our side: local writes, bases, conflicts, log, and what must be pushed later.

Runs inside the caller's transaction. Writes at the provider are `push`'s; here they are only queued.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.base.records import ExternalRecord
from integrations.mapping.compiled import fingerprint
from records import services
from sync_engine import links, queues
from sync_engine.context import Context
from sync_engine.deciding.settle import Settlement
from sync_engine.gate import Step
from sync_engine.journal import INWARD, UPDATE, Entry, Journal
from sync_engine.links import Link
from sync_engine.review import cases
from sync_engine.shape import Shape


@dataclass(slots=True)
class Item:
    """One linked record with what was decided. `values` is its mapped external tuple, `local` the local
    tuple it was decided on."""

    link: Link
    record: ExternalRecord
    values: tuple[Any, ...]
    local: tuple[Any, ...]
    settlement: Settlement
    waiting: list[tuple[str, str]] = field(default_factory=list)

    def label(self, shape: Shape) -> str:
        return label(shape, self.local)


def label(shape: Shape, values: Sequence[Any]) -> str:
    """What a person would call the record: its first mapped text."""
    return next((value for value in values if isinstance(value, str) and value), shape.sync_type.label)


def steps(shape: Shape, item: Item) -> list[Step]:
    """The writes of one item as plan steps."""
    settled, link, name = item.settlement, item.link, item.label(shape)
    found: list[Step] = []
    if settled.local_write:
        inputs = (sorted(settled.local_write.items()), sorted(settled.local_before.items()))
        found.append(
            Step(
                "update_local",
                link.internal_id,
                link.external_id,
                inputs,
                settled.local_before,
                settled.local_write,
                name,
            )
        )
    if settled.external_write:
        found.append(outward_step(shape, link, settled, name))
    found.extend(
        Step(
            "conflict",
            link.internal_id,
            link.external_id,
            (case.contest.field, case.contest.local, case.contest.external),
            {case.contest.field: case.contest.local},
            {case.contest.field: case.contest.external},
            name,
            case.decision.rule,
        )
        for case in settled.review
    )
    return found


def outward_step(shape: Shape, link: Link, settled: Settlement, name: str) -> Step:
    writes = {shape.keys[index]: value for index, value in settled.external_write.items()}
    inputs = (sorted(writes.items()), sorted(settled.external_before.items()))
    return Step("update_external", link.internal_id, link.external_id, inputs, settled.external_before, writes, name)


def permitted(ctx: Context, shape: Shape, items: Sequence[Item]) -> list[Item]:
    """Those whose local write the gate lets through. Items that only move a base need no permission, but a
    plan writes nothing at all."""
    if ctx.gate.open:
        return list(items)
    filed = [(item, step) for item in items for step in steps(shape, item)]
    answers = ctx.gate.permit(shape.type, [step for _, step in filed])
    if not ctx.gate.writes:
        return []
    refused = {
        id(item) for (item, step), yes in zip(filed, answers, strict=True) if not yes and step.action == "update_local"
    }
    read_again(ctx, shape, [item.link.external_id for item in items if id(item) in refused])
    return [item for item in items if id(item) not in refused]


def read_again(ctx: Context, shape: Shape, refused: Sequence[str]) -> None:
    """What a plan did not show is left to the next run, by its id: the cursor goes past it."""
    if ctx.gate.writes:
        queues.enqueue_rereads(shape, refused, "plan", ctx.now())


def apply(ctx: Context, shape: Shape, journal: Journal, items: Sequence[Item], now: datetime) -> None:
    """Everything that settlements ask of our own database."""
    chosen = permitted(ctx, shape, items)
    if not chosen:
        return
    _write_local(ctx, shape, journal, chosen, now)
    cases.file(ctx, shape, journal, chosen, now)
    _move_links(ctx, shape, chosen, now)
    queues.enqueue_pending(shape, [item.link.internal_id for item in chosen if _must_push(item)], now)


def _must_push(item: Item) -> bool:
    merged = any(case.decision.winner == "MERGED" for case in item.settlement.decided)
    return bool(item.settlement.external_write) or merged


def _write_local(ctx: Context, shape: Shape, journal: Journal, items: Sequence[Item], now: datetime) -> None:
    writes = [(item.link.internal_id, item.settlement.local_write) for item in items if item.settlement.local_write]
    if not writes:
        return
    organization = str(ctx.integration.organization_id)
    services.bulk_update(shape.sync_type, organization, writes, origin=ctx.origin, now=now)
    for item in items:
        if item.settlement.local_write:
            journal.counters["pulled"] += 1
            journal.counters["merged"] += item.settlement.merged
            journal.add(_log(item))


def _log(item: Item) -> Entry:
    settled = item.settlement
    return Entry(
        UPDATE,
        INWARD,
        item.link.internal_id,
        item.link.external_id,
        before=settled.local_before,
        after=settled.local_write,
    )


def _move_links(ctx: Context, shape: Shape, items: Iterable[Item], now: datetime) -> None:
    moved = [item.link for item in items if _moved(ctx, item, now)]
    links.update(moved, now)


def _moved(ctx: Context, item: Item, now: datetime) -> bool:
    """Brings the link up to date; False if nothing about it changed."""
    link, settled = item.link, item.settlement
    status = links.CONFLICT if settled.review else links.SYNCED
    open_end = settled.review or settled.held
    digest = None if open_end else fingerprint(item.values)
    before = (link.local_base, link.external_base, link.external_hash, link.status, link.missing_since, link.reason)
    after = (settled.local_base, settled.external_base, digest, status, None, "")
    if before == after:
        return False
    link.provenance = {**link.provenance, **provenance(ctx, settled, now)}
    link.local_base, link.external_base = settled.local_base, settled.external_base
    link.external_hash, link.status, link.missing_since, link.reason = digest, status, None, ""
    link.version, link.external_updated_at = item.record.version, item.record.updated_at
    return True


def provenance(ctx: Context, settled: Settlement, now: datetime) -> Mapping[str, Any]:
    """Per field: who set the agreed value, in which run, when, and by which rule."""
    rules = {case.contest.field: case.decision.rule for case in settled.decided}
    stamp = now.isoformat()
    return {
        name: {"by": "EXTERNAL", "run": ctx.run_id, "at": stamp, "rule": rules.get(name, "only that side changed")}
        for name in settled.local_write
    }
