"""Which local record an unknown external one may be: equal in a declared key, never by guess.

One free candidate that nobody else claims is a match. Several, one that two newcomers claim, or one that is linked
already, is a case for a person (`pairing`): nothing is linked and nothing is created until it is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.mapping.sentinels import ABSENT
from records import selectors
from sync_engine import links
from sync_engine.context import Context
from sync_engine.gate import Step
from sync_engine.inward.apply import label
from sync_engine.inward.mapped import Seen
from sync_engine.planted import planted
from sync_engine.shape import Shape


@dataclass(slots=True)
class Candidates:
    """Local records with the newcomer's key: those that could be linked, and those that are linked already."""

    free: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        return self.free or self.taken


@dataclass(slots=True)
class Sorted:
    """Newcomers by what is to be done: pairs to link, cases for a person, and records that nobody here is."""

    matched: list[tuple[Seen, str]] = field(default_factory=list)
    ambiguous: list[tuple[Seen, Candidates]] = field(default_factory=list)
    alone: list[Seen] = field(default_factory=list)


def sort(ctx: Context, shape: Shape, newcomers: Sequence[Seen], local: Mapping[str, tuple[Any, ...]]) -> Sorted:
    """Decides for a batch. `local` holds the local tuple of each newcomer by its external id."""
    found = _candidates(ctx, shape, newcomers, local)
    claims = Counter(one.free[0] for one in found.values() if len(one.free) == 1)
    result = Sorted()
    for one in newcomers:
        held = found.get(one.record.id)
        if held is None:
            result.alone.append(one)
        elif (match := _match(held, claims, result)) is not None:
            result.matched.append((one, match))
        else:
            result.ambiguous.append((one, held))
    return result


def _match(held: Candidates, claims: Counter[str], result: Sorted) -> str | None:
    """The only one that it can be."""
    if len(held.free) == 1 and claims[held.free[0]] == 1:
        return held.free[0]
    if planted("match_ambiguous"):
        claimed = {internal for _, internal in result.matched}
        return next((internal for internal in held.free if internal not in claimed), None)
    return None


def _candidates(
    ctx: Context, shape: Shape, newcomers: Sequence[Seen], local: Mapping[str, tuple[Any, ...]]
) -> dict[str, Candidates]:
    """By external id, by the first declared key that has a hit."""
    organization = str(ctx.integration.organization_id)
    found: dict[str, list[str]] = {}
    for key in shape.match_keys:
        position = shape.names.index(key)
        wanted = {
            one.record.id: str(value).lower()
            for one in newcomers
            if one.record.id not in found and (value := local[one.record.id][position]) not in (None, ABSENT)
        }
        hits = selectors.find_by(shape.sync_type, organization, key, list(wanted.values())) if wanted else {}
        found.update({external: hits[value] for external, value in wanted.items() if value in hits})
    linked = links.by_internal(shape, sorted({i for ids in found.values() for i in ids}), lock=False)
    taken = {internal for internal, link in linked.items() if link.live}
    return {
        external: Candidates([one for one in ids if one not in taken], [one for one in ids if one in taken])
        for external, ids in found.items()
    }


def refuse(
    ctx: Context,
    shape: Shape,
    found: Sequence[tuple[Seen, Candidates]],
    local: Mapping[str, tuple[Any, ...]],
    now: datetime,
    sentences: Sequence[str] = (),
) -> list[tuple[str, str, str]]:
    """Opens a case for each, or files it in a plan. Returns (external id, kind, sentence) to be parked."""
    sentences = sentences or [_sentence(shape, local[one.record.id], held) for one, held in found]
    if not ctx.gate.writes:
        pairs = zip(found, sentences, strict=True)
        ctx.gate.permit(shape.type, [_step(shape, one, held, local, why) for (one, held), why in pairs])
        return []
    for (one, held), sentence in zip(found, sentences, strict=True):
        open_case(ctx, shape.type, one.record.id, held.all, shape.external_base(one.values), sentence, now)
    return [(one.record.id, "ambiguous", why) for (one, _), why in zip(found, sentences, strict=True)]


def _sentence(shape: Shape, values: Sequence[Any], held: Candidates) -> str:
    name = label(shape, values)
    if len(held.free) > 1:
        which = f"{len(held.free)} records here"
    elif held.free:
        which = f"another record at {shape.connector.label}, and one record here"
    else:
        which = "a record here that is already linked"
    return f"'{name}' has the same key as {which}. Say which one it is, or that it is new; nothing was created."


def _step(shape: Shape, one: Seen, held: Candidates, local: Mapping[str, tuple[Any, ...]], sentence: str) -> Step:
    name = label(shape, local[one.record.id])
    inputs = [one.hash.hex(), held.all]
    after = shape.external_base(one.values)
    return Step("ambiguous", "", one.record.id, inputs, {"candidates": held.all}, after, name, sentence)


def open_case(
    ctx: Context,
    resource_type: str,
    external_id: str,
    candidates: Sequence[str],
    external: Mapping[str, Any],
    sentence: str,
    now: datetime,
) -> None:
    """The case of a record that is not here yet: `local_data` names the candidates, `external_data` the values."""
    from conflicts.services import Case, Kind, open_case

    data = {"local": {"candidates": list(candidates)}, "external": dict(external)}
    case = Case(
        ctx.integration,
        ctx.run_id,
        resource_type,
        "",
        external_id,
        kind=Kind.AMBIGUOUS,
        reason=sentence,
        data=data,
    )
    open_case(case, now)


def close_cases(ctx: Context, shape: Shape, external_ids: Sequence[str], now: datetime) -> None:
    """These are linked by now: nothing is left to decide."""
    from conflicts.services import close_matched

    close_matched(ctx.integration, shape.type, external_ids, now)
