"""External records without a link: recognised as our own create, matched by declared keys, or created here.

Never by guess: an ambiguous match is a case for a person and nothing is created for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connectors.base.records import ExternalRecord
from integrations.mapping.errors import ConversionError
from records import selectors
from sync_engine import links, lookups, queues
from sync_engine.context import Context
from sync_engine.gate import Step
from sync_engine.inward import former, matching, named, parking
from sync_engine.inward.apply import label, read_again
from sync_engine.inward.made import Made, Refused, write
from sync_engine.inward.mapped import Seen, draft
from sync_engine.journal import Journal
from sync_engine.links import NewLink
from sync_engine.outward import intents
from sync_engine.ports import ports
from sync_engine.shape import Shape


def admit(
    ctx: Context, shape: Shape, journal: Journal, newcomers: Sequence[Seen], now: datetime, *, fresh: bool
) -> None:
    """Decides for each newcomer, inside the caller's transaction."""
    rest, refused = _own_creates(ctx, shape, named.wanted(shape, newcomers), now)
    resolve = lookups.resolve(shape, [(one.record.fields, one.values) for one in rest])
    local = _to_local(shape, rest, resolve, refused)
    rest = [one for one in rest if one.record.id in local]
    again, rest = former.sort(ctx, shape, rest, local, refused, now)
    pairs, rest = named.pairs(shape, rest, local, refused)
    pairs += again
    if pairs:
        _link_matches(ctx, shape, journal, pairs, local, now)
    if shape.match_keys:
        rest = _match(ctx, shape, journal, rest, local, refused, now)
    _create(ctx, shape, journal, rest, local, resolve, refused, now)
    behind = {one.record.id: one.record for one in newcomers} if refused else {}
    parking.park(ctx, shape, journal, refused, now, side="EXTERNAL", behind=behind)


def _own_creates(ctx: Context, shape: Shape, newcomers: Sequence[Seen], now: datetime) -> tuple[list[Seen], Refused]:
    """While a create of ours is in doubt, an unknown record may be that very one: it waits until the intent
    is settled, or until the person who was asked has answered."""
    if not ctx.gate.writes:
        return list(newcomers), []
    doubts = intents.doubts(shape)
    if doubts.waiting:
        queues.enqueue_rereads(shape, [one.record.id for one in newcomers], "intent", now)
        return [], []
    asked = {one.record.id for one in newcomers if doubts.asked and doubts.about(one.record.id, one.values)}
    sentence = "It may be the record that a create without an answer made. Decide the open case about it."
    return [one for one in newcomers if one.record.id not in asked], [(one, "ambiguous", sentence) for one in asked]


def _to_local(
    shape: Shape, newcomers: Sequence[Seen], resolve: lookups.Found, refused: Refused
) -> dict[str, tuple[Any, ...]]:
    local: dict[str, tuple[Any, ...]] = {}
    for one in newcomers:
        if one.draft is not None:
            local[one.record.id] = one.draft.local
            continue
        try:
            local[one.record.id] = shape.mapping.to_local(one.values, resolve)
        except ConversionError as error:
            refused.append((one.record.id, "invalid", str(error)))
    return local


def _match(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    newcomers: list[Seen],
    local: Mapping[str, tuple[Any, ...]],
    refused: Refused,
    now: datetime,
) -> list[Seen]:
    """Links newcomers to local records with the same key. Returns those without a match."""
    found = matching.sort(ctx, shape, newcomers, local)
    if found.ambiguous:
        refused += matching.refuse(ctx, shape, found.ambiguous, local, now)
    if found.matched:
        _link_matches(ctx, shape, journal, found.matched, local, now)
    return found.alone


def _link_matches(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    matched: Sequence[tuple[Seen, str]],
    local: Mapping[str, tuple[Any, ...]],
    now: datetime,
) -> None:
    steps = [
        Step("match", internal, one.record.id, [one.hash.hex()], label=label(shape, local[one.record.id]))
        for one, internal in matched
    ]
    answers = [True] * len(steps) if ctx.gate.open else ctx.gate.permit(shape.type, steps)
    if not ctx.gate.writes:
        _preview(ctx, shape, matched)
        return
    read_again(ctx, shape, [one.record.id for (one, _), yes in zip(matched, answers, strict=True) if not yes])
    link(ctx, shape, journal, [pair for pair, yes in zip(matched, answers, strict=True) if yes], now)


def link(ctx: Context, shape: Shape, journal: Journal, pairs: Sequence[tuple[Seen, str]], now: datetime) -> None:
    """Links newcomers with local records; what differs is settled without a base."""
    from sync_engine.inward.pull import settle_changed

    links.bury(shape, [internal for _, internal in pairs])
    links.insert(shape, [_empty_link(one.record, internal) for one, internal in pairs], now)
    lookups.appeared(shape, [(internal, one.record.id) for one, internal in pairs])
    journal.counters["matched"] += len(pairs)
    external_ids = [one.record.id for one, _ in pairs]
    parking.release(shape, external_ids, side="EXTERNAL")
    matching.close_cases(ctx, shape, external_ids, now)
    settle_changed(ctx, shape, journal, [one for one, _ in pairs], now)


def _preview(ctx: Context, shape: Shape, matched: Sequence[tuple[Seen, str]]) -> None:
    from sync_engine.inward.apply import permitted
    from sync_engine.inward.pull import decide

    current = [(one, link_of(one.record, internal)) for one, internal in matched]
    organization = str(ctx.integration.organization_id)
    snapshots = selectors.read(shape.sync_type, organization, [link.internal_id for _, link in current], shape.names)
    permitted(ctx, shape, decide(ctx, shape, current, snapshots, {}))


def link_of(record: ExternalRecord, internal_id: str) -> links.Link:
    """A link that does not exist yet, without a base."""
    return links.Link(
        0, internal_id, record.id, links.SYNCED, {}, {}, None, record.version, record.updated_at, None, {}
    )


def _empty_link(record: ExternalRecord, internal_id: str) -> NewLink:
    return NewLink(internal_id, record.id, "{}", "{}", b"", record.version, record.updated_at, "{}")


def _create(
    ctx: Context,
    shape: Shape,
    journal: Journal,
    newcomers: Sequence[Seen],
    local: Mapping[str, tuple[Any, ...]],
    resolve: lookups.Found,
    refused: list[tuple[str, str, str]],
    now: datetime,
) -> None:
    """New records here, with their links and log, by COPY."""
    if not shape.pulls:
        return
    made = _valid(shape, newcomers, local, refused)
    if not ctx.gate.open:
        made = _permitted(ctx, shape, made)
    if not made:
        return
    ids, made = write(ctx, shape, ports().ids.many(len(made)), made, refused, now)
    provenance = orjson.dumps({"*": {"by": "EXTERNAL", "run": ctx.run_id, "at": now.isoformat()}}).decode()
    pairs = list(zip(ids, made, strict=True))
    links.insert(shape, (one.link(internal, provenance) for internal, one in pairs), now)
    journal.add_created((internal, one.newcomer.record.id, one.bases.local) for internal, one in pairs)
    journal.counters["created"] += len(made)
    _after_create(shape, ids, made, resolve)
    if shape.match_keys:
        matching.close_cases(ctx, shape, [one.newcomer.record.id for one in made], now)
    if shape.can_push:
        told = ids if shape.gives else [internal for internal, one in pairs if shape.takes_default(one.local)]
        queues.enqueue_pending(shape, told, now)


def _after_create(shape: Shape, ids: Sequence[str], made: Sequence[Made], resolve: lookups.Found) -> None:
    external_ids = [one.newcomer.record.id for one in made]
    lookups.appeared(shape, zip(ids, external_ids, strict=True))
    parking.release(shape, external_ids, side="EXTERNAL")
    lookups.wait_for(
        shape,
        [
            (one.newcomer.record.id, *wanted)
            for one in made
            if one.bases.open
            for wanted in lookups.unresolved(shape, one.newcomer.values, resolve)
        ],
    )


def _valid(
    shape: Shape, newcomers: Sequence[Seen], local: Mapping[str, tuple[Any, ...]], refused: Refused
) -> list[Made]:
    valid = []
    for one in newcomers:
        made = one.draft or draft(shape, local[one.record.id])
        if made.problems:
            refused.append((one.record.id, "invalid", "; ".join(made.problems)))
        else:
            valid.append(Made(shape, one, made.local, made.row))
    return valid


def _permitted(ctx: Context, shape: Shape, made: Sequence[Made]) -> list[Made]:
    steps = [
        Step(
            "create_local",
            "",
            one.newcomer.record.id,
            [one.newcomer.hash.hex()],
            after=shape.external_base(one.newcomer.values),
            label=label(shape, one.local),
        )
        for one in made
    ]
    answers = ctx.gate.permit(shape.type, steps)
    read_again(ctx, shape, [one.newcomer.record.id for one, yes in zip(made, answers, strict=True) if not yes])
    return [one for one, yes in zip(made, answers, strict=True) if yes]
