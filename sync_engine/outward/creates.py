"""Creates at the provider: intent first, then the call, then link and base in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from connectors.base.records import ExternalRecord
from integrations.mapping.compiled import fingerprint
from integrations.mapping.errors import ConversionError
from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from integrations.models import Intent
from sync_engine import links, lookups, queues, scope
from sync_engine.context import Context
from sync_engine.gate import Step
from sync_engine.inward import former, parking
from sync_engine.inward.apply import label
from sync_engine.journal import CREATE, OUTWARD, SUCCESS, Entry, Journal
from sync_engine.links import Link
from sync_engine.outward import calls, intents
from sync_engine.outward.calls import Outcome
from sync_engine.outward.intents import Planned
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.queues import Pending
from sync_engine.shape import Shape
from sync_engine.traces import Trace


def create(ctx: Context, shape: Shape, rows: Sequence[Pending], snapshots: Mapping[str, Any]) -> None:
    standing = intents.standing(shape, [row.internal_id for row in rows])
    if ctx.gate.writes:
        # A person is asked, and the answer compares the record anew: until then nothing is due for it.
        queues.done_pending([row for row in rows if standing.get(row.internal_id) == Intent.State.UNSETTLED])
    rows = _in_scope(ctx, shape, [row for row in rows if row.internal_id not in standing])
    planned, refused = _plan_creates(shape, rows, snapshots)
    rows_by_id = {row.internal_id: row for row in rows}
    _refuse(ctx, shape, [rows_by_id[internal_id] for internal_id, _ in refused], dict(refused))
    planned = _permitted(ctx, shape, planned)
    if not planned:
        return
    intents.write_ahead(shape, planned, ctx.now())
    ports().effect("intent committed")
    for chunk in calls.create(shape, planned):
        finish_creates(ctx, shape, rows_by_id, chunk)


def _in_scope(ctx: Context, shape: Shape, rows: Sequence[Pending]) -> list[Pending]:
    """Those that are for this integration; the others wait for nothing."""
    inside = scope.inside(shape.integration, shape.sync_type, [row.internal_id for row in rows])
    outside = [row for row in rows if row.internal_id not in inside]
    if outside and ctx.gate.writes:
        queues.done_pending(outside)
    return [row for row in rows if row.internal_id in inside]


def _plan_creates(
    shape: Shape, rows: Sequence[Pending], snapshots: Mapping[str, Any]
) -> tuple[list[Planned], list[tuple[str, str]]]:
    reverse = lookups.reverse(shape, [snapshots[row.internal_id].values for row in rows])
    planned, refused = [], []
    for row, key in zip(rows, ports().ids.many(len(rows)), strict=True):
        local = snapshots[row.internal_id].values
        try:
            values = shape.mapping.to_external(local, None, reverse)
        except ConversionError as error:
            refused.append((row.internal_id, str(error)))
            continue
        sent = {i: value for i, value in enumerate(values) if value not in (ABSENT, UNRESOLVED, None)}
        planned.append(Planned(row.internal_id, key, local, sent))
    return planned, refused


def create_step(shape: Shape, one: Planned) -> Step:
    sent = {shape.keys[index]: value for index, value in one.sent.items()}
    inputs = [fingerprint(one.local).hex()]
    return Step("create_external", one.internal_id, "", inputs, after=sent, label=label(shape, one.local))


def _permitted(ctx: Context, shape: Shape, planned: list[Planned]) -> list[Planned]:
    if ctx.gate.open:
        return planned
    answers = ctx.gate.permit(shape.type, [create_step(shape, one) for one in planned])
    return [one for one, yes in zip(planned, answers, strict=True) if yes]


def finish_creates(
    ctx: Context, shape: Shape, rows: Mapping[str, Pending], chunk: Sequence[tuple[Planned, Outcome]]
) -> None:
    """What the answers to creates mean for us, in one transaction."""
    ctx.answers += sum(outcome.answered for _, outcome in chunk)
    ports().effect("create answered")
    with transaction.atomic():
        journal = ctx.journal(shape)
        now = ctx.now()
        made = [
            (one, outcome.record, outcome.trace(rows[one.internal_id].attempts))
            for one, outcome in chunk
            if outcome.record is not None
        ]
        link_created(ctx, shape, journal, made, now)
        queues.done_pending([rows[one.internal_id] for one, *_ in made])
        for one, outcome in chunk:
            if outcome.record is None:
                _not_created(ctx, shape, journal, rows[one.internal_id], one, outcome, now)
        ctx.commit(journal)
    ports().effect("create recorded")
    for _, outcome in chunk:
        outcome.raise_if_fatal()


def _not_created(
    ctx: Context, shape: Shape, journal: Journal, row: Pending, one: Planned, outcome: Outcome, now: datetime
) -> None:
    if outcome.refused:
        intents.close(shape, [one.internal_id])
        _park_here(ctx, shape, journal, row, outcome, now)
        queues.done_pending([row])
    else:
        _later_create(ctx, shape, row, one, outcome, now)


def _later_create(ctx: Context, shape: Shape, row: Pending, one: Planned, outcome: Outcome, now: datetime) -> None:
    if not outcome.unknown:
        intents.close(shape, [one.internal_id])
    if outcome.unknown and planted("drop_unknown"):
        queues.done_pending([row])
        intents.close(shape, [one.internal_id])
        return
    ctx.failures.append(outcome.message)
    lag = timedelta(seconds=shape.resource.search_lag if outcome.unknown else 0)
    queues.later_pending([row], now + max(calls.later(row, outcome), lag), outcome.message)


def _park_here(ctx: Context, shape: Shape, journal: Journal, row: Pending, outcome: Outcome, now: datetime) -> None:
    refused = [(row.internal_id, "rejected", outcome.message)]
    behind = {row.internal_id: outcome.trace(row.attempts)}
    parking.park(ctx, shape, journal, refused, now, side="LOCAL", behind=behind)


def link_created(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    made: Sequence[tuple[Planned, ExternalRecord, Trace | None]],
    now: datetime,
    *,
    found: bool = False,
) -> None:
    """The creates are confirmed: links, bases of both sides, log; the intents are closed in the same transaction.
    `found` = the record was found afterwards, so somebody may have edited it: its base is what was sent."""
    if not made:
        return
    ids = [one.internal_id for one, *_ in made]
    provenance = {"*": {"by": "LOCAL", "run": ctx.run_id, "at": now.isoformat()}}
    existing = links.by_internal(shape, ids)
    new: list[links.NewLink] = []
    for one, record, trace in made:
        bases = _bases(shape, one, record, found)
        if (old := existing.get(one.internal_id)) is not None:
            former.remember(shape, old.external_id, one.internal_id, now)
            _relink(old, record, bases, provenance, now)
        else:
            new.append(_new_link(one, record, bases, provenance))
        if bases.held:
            _wait(shape, one, record.id)
        after = {shape.keys[index]: value for index, value in one.sent.items()}
        journal.add(Entry(CREATE, OUTWARD, one.internal_id, record.id, SUCCESS, after=after, trace=trace))
    links.insert(shape, new, now)
    intents.close(shape, ids)
    parking.release(shape, ids, side="LOCAL")
    lookups.appeared(shape, [(one.internal_id, record.id) for one, record, _ in made])
    journal.counters["pushed"] += len(made)
    journal.counters["created_external"] += len(made)


@dataclass(frozen=True, slots=True)
class Bases:
    """What both sides agree on after a create. `held` fields wait for a reference that is not linked yet; `hash` is
    empty where the record must be looked at again."""

    local: dict[str, Any]
    external: dict[str, Any]
    held: set[str]
    hash: bytes


def _bases(shape: Shape, one: Planned, record: ExternalRecord, found: bool) -> Bases:
    values = shape.mapping.read_external(record.fields)
    held = {
        name
        for name, value in zip(shape.names, one.local, strict=True)
        if value is not None and any(_unsent(shape, index, one) for index in shape.rules_of[name])
    }
    external = _sent_base(shape, one) if found else shape.external_base(values)
    for name in held:
        for index in shape.rules_of[name]:
            external.pop(shape.keys[index], None)
    local = {name: value for name, value in zip(shape.names, one.local, strict=True) if name not in held}
    return Bases(local, external, held, b"" if held or found else fingerprint(values))


def _new_link(one: Planned, record: ExternalRecord, bases: Bases, provenance: dict[str, Any]) -> links.NewLink:
    return links.NewLink(
        one.internal_id,
        record.id,
        links.as_json(bases.local),
        links.as_json(bases.external),
        bases.hash,
        record.version,
        record.updated_at,
        links.as_json(provenance),
    )


def _sent_base(shape: Shape, one: Planned) -> dict[str, Any]:
    """What is sure to have stood there; a field that was not sent has no base yet."""
    return {shape.keys[index]: value for index, value in one.sent.items()}


def _wait(shape: Shape, one: Planned, external_id: str) -> None:
    """Some reference could not be sent along: the record is looked at again when its target is linked."""
    missing = lookups.unresolved_here(shape, one.local, lookups.reverse(shape, [one.local]))
    lookups.wait_for(shape, [(external_id, *wanted) for wanted in missing])


def _unsent(shape: Shape, index: int, one: Planned) -> bool:
    """A reference that could not be sent because its target is not linked yet."""
    return shape.mapping.rules[index].push and index not in one.sent


def _relink(link: Link, record: ExternalRecord, bases: Bases, provenance: dict[str, Any], now: datetime) -> None:
    """A record restored here was created again there, under its old link."""
    link.external_id, link.status = record.id, links.SYNCED
    link.local_base, link.external_base, link.provenance = bases.local, bases.external, provenance
    link.external_hash, link.version = None, record.version
    link.external_updated_at, link.missing_since, link.reason = record.updated_at, None, ""
    links.update([link], now)


def _refuse(ctx: Context, shape: Shape, rows: Sequence[Pending], reasons: Mapping[str, str]) -> None:
    """Records that our own mapping cannot express at the provider."""
    if not rows or not ctx.gate.writes:
        return
    with transaction.atomic():
        journal = ctx.journal(shape)
        parked = [(row.internal_id, "invalid", reasons[row.internal_id]) for row in rows]
        parking.park(ctx, shape, journal, parked, ctx.now(), side="LOCAL")
        queues.done_pending(rows)
        ctx.commit(journal)


def preview_creates(ctx: Context, shape: Shape, ids: Sequence[str], snapshots: Mapping[str, Any]) -> None:
    """Files the creates of records that are only here, for a plan."""
    rows = [Pending(0, internal_id, 0, 0, None) for internal_id in ids]
    planned, _ = _plan_creates(shape, rows, snapshots)
    _permitted(ctx, shape, planned)
