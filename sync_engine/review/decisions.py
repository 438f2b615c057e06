"""A person's decision on a conflict, carried out on our side and queued for the other.

The case names what was seen; if a side has moved since, nothing is written and the new state is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from conflicts.models import ConflictResolution
from connectors.base.capabilities import Pulls
from connectors.base.connector import Connector
from integrations.enums import ConflictStrategy
from integrations.models import Intent
from records import services
from records.services import InvalidValues
from sync_engine import links, lookups, queues
from sync_engine.context import Context
from sync_engine.deciding.choices import Choice, Outcome, decide
from sync_engine.deciding.settle import LinkState
from sync_engine.gate import OpenGate
from sync_engine.inward import parking
from sync_engine.journal import INWARD, RESOLVED, UPDATE, Entry
from sync_engine.outward import intents
from sync_engine.ports import ports
from sync_engine.review import decided_deletes, pairing, standing
from sync_engine.review.seen import AlreadyDecided, CannotDecide, ConflictMoved, UndecidedCandidate, expect_seen
from sync_engine.review.standing import BothSides
from sync_engine.running import leases
from sync_engine.running.runs import owner
from sync_engine.shape import Shape

__all__ = ["AlreadyDecided", "CannotDecide", "ConflictMoved", "UndecidedCandidate", "resolve"]
Status, Kind = ConflictResolution.Status, ConflictResolution.Kind


def resolve(
    conflict: ConflictResolution,
    *,
    strategy: str,
    values: Mapping[str, Any] | None = None,
    resolved_by: str = "",
    push: bool = True,
    seen: str | None = None,
    patience: float = 0.0,
    connector: Connector | None = None,
    run_id: str | None = None,
) -> ConflictResolution:
    """Decides an open case.

    strategy  LOCAL_WINS keeps ours, EXTERNAL_WINS takes theirs, CUSTOM_MERGE takes `values` (field to value in
              local form; a field left out keeps ours). For a create without an answer: LOCAL_WINS creates it
              again, EXTERNAL_WINS links the record that `values["externalId"]` names. For an ambiguous match:
              LOCAL_WINS links it with the one here that `values["recordId"]` names, EXTERNAL_WINS creates it here
    push      False = what differs from the provider stays different until somebody edits it again
    seen      the token of what the person saw (`standing.token_of`); without it, what the case holds
    patience  seconds to wait for a run that is at this type
    run_id    the run that this decision is part of

    Raises `AlreadyDecided`, `ConflictMoved`, `CannotDecide`, `InvalidValues`, `standing.NotLinked`, the errors
    of connectors, and `leases.LeaseHeld` while a run is at this very type.
    """
    if conflict.status != Status.PENDING:
        raise AlreadyDecided
    choice = Choice(strategy, dict(values or {}), push)
    shape = standing.shape_of(conflict, connector)
    ctx = Context(conflict.integration, run_id, f"decision by {resolved_by or 'a person'}", OpenGate())
    # A name of its own: another thread of this process that decides the same case is another worker.
    name = f"{owner()}:decision:{ports().ids.new()}"
    leases.take_patiently(shape, name, patience)
    try:
        with transaction.atomic():
            _claim(conflict)
            chosen = _CARRY_OUT[conflict.kind](ctx, shape, conflict, choice, seen)
            _close(conflict, choice, chosen, resolved_by, ctx.now())
    except ConflictMoved:
        # What stands now is kept, so that the next decision is compared with what its maker saw.
        conflict.save(update_fields=["local_data", "external_data"])
        raise
    finally:
        leases.release(shape, name)
    return conflict


def _claim(conflict: ConflictResolution) -> None:
    """Nobody else decides or closes the case until the transaction ends."""
    held = ConflictResolution.objects.select_for_update().values_list("status", flat=True).get(pk=conflict.pk)
    if held != Status.PENDING:
        raise AlreadyDecided


def _close(
    conflict: ConflictResolution, choice: Choice, chosen: Mapping[str, Any] | None, resolved_by: str, now: datetime
) -> None:
    conflict.status, conflict.resolution_strategy = Status.RESOLVED, choice.strategy
    conflict.resolved_by, conflict.resolved_at, conflict.updated_at = resolved_by, now, now
    sides = {ConflictStrategy.LOCAL_WINS: conflict.local_data, ConflictStrategy.EXTERNAL_WINS: conflict.external_data}
    if chosen is None:
        conflict.resolved_data = sides.get(ConflictStrategy(choice.strategy)) or dict(choice.values)
        winner = "LOCAL" if choice.strategy == ConflictStrategy.LOCAL_WINS else "EXTERNAL"
        conflict.winners = {"*": {"winner": winner, "rule": "decided"}}
    else:
        conflict.resolved_data = dict(chosen)
        conflict.winners = {
            name: {"winner": _winner(conflict, name, value), "rule": "decided"} for name, value in chosen.items()
        }
    conflict.save()


def _winner(conflict: ConflictResolution, name: str, value: Any) -> str:
    if value == conflict.local_data.get(name):
        return "LOCAL"
    return "EXTERNAL" if value == conflict.external_data.get(name) else "MERGED"


def _fields(
    ctx: Context, shape: Shape, conflict: ConflictResolution, choice: Choice, seen: str | None
) -> dict[str, Any]:
    sides = standing.read(conflict, shape, lock=True)
    if sides.standing is None:
        raise ConflictMoved(conflict)
    local, external = standing.shown(conflict, shape, sides)
    same = (local, external) == (conflict.local_data, conflict.external_data)
    expect_seen(conflict, local, external, seen, same)
    link = sides.link
    reverse = lookups.reverse(shape, [sides.standing.local, _as_chosen(shape, sides.standing.local, choice)])
    bases = LinkState(link.local_base, link.external_base)
    outcome = decide(shape, bases, sides.standing, conflict.conflicted_fields, choice, reverse)
    _assert_possible(shape, choice, outcome)
    link.local_base, link.external_base = outcome.local_base, outcome.external_base
    stamp = {"by": "PERSON", "at": ctx.now().isoformat(), "rule": f"decided: {choice.strategy}"}
    link.provenance.update(dict.fromkeys(outcome.chosen, stamp))
    _write(ctx, shape, sides, outcome)
    return outcome.chosen


def _as_chosen(shape: Shape, local: tuple[Any, ...], choice: Choice) -> tuple[Any, ...]:
    return tuple(choice.values.get(name, value) for name, value in zip(shape.names, local, strict=True))


def _assert_possible(shape: Shape, choice: Choice, outcome: Outcome) -> None:
    """Raises `CannotDecide` and `InvalidValues`."""
    if choice.strategy == ConflictStrategy.EXTERNAL_WINS and outcome.unreadable:
        names = ", ".join(outcome.unreadable)
        raise CannotDecide(f"The value of {names} at {shape.connector.label} names a record that is not synced yet.")
    write = outcome.local_write
    if write and (problems := shape.problems(write)):
        raise InvalidValues(problems)


def _write(ctx: Context, shape: Shape, sides: BothSides, outcome: Outcome) -> None:
    now, link, write = ctx.now(), sides.link, outcome.local_write
    journal = ctx.journal(shape)
    organization = str(ctx.integration.organization_id)
    if write:
        services.bulk_update(shape.sync_type, organization, [(link.internal_id, write)], origin=ctx.origin, now=now)
    link.status, link.reason, link.external_hash = links.SYNCED, "", None
    links.update([link], now)
    queues.enqueue_pending(shape, [link.internal_id], now)
    before = {name: before for name, (before, _) in outcome.here.items()}
    journal.add(Entry(UPDATE, INWARD, link.internal_id, link.external_id, RESOLVED, before, write))
    ctx.commit(journal)


def _may_exist(ctx: Context, shape: Shape, conflict: ConflictResolution, choice: Choice, _seen: str | None) -> None:
    """A create without an answer: link the record that it made (`values["externalId"]`, or the only
    candidate), or create it again (LOCAL_WINS)."""
    intent = Intent.objects.get(integration=ctx.integration, resource_type=shape.type, internal_id=conflict.resource_id)
    candidates = [str(one) for one in conflict.external_data.get("candidates", [])]
    now = ctx.now()
    if choice.strategy == ConflictStrategy.LOCAL_WINS:
        intents.close(shape, [conflict.resource_id])
        queues.enqueue_pending(shape, [conflict.resource_id], now)
        # None of them was it: each is a record of its own.
        queues.enqueue_rereads(shape, candidates, "decided", now)
        return
    chosen = choice.values.get("externalId") or (candidates[0] if len(candidates) == 1 else None)
    if chosen is None:
        raise UndecidedCandidate(candidates)
    assert isinstance(shape.connector, Pulls)
    intents.adopt(ctx, shape, intent, shape.connector.fetch(shape.resource, str(chosen)))
    parking.release(shape, [str(chosen)], side="EXTERNAL")
    queues.enqueue_rereads(shape, [one for one in candidates if one != chosen], "decided", now)


_CARRY_OUT: dict[str, Callable[..., Mapping[str, Any] | None]] = {
    Kind.FIELDS: _fields,
    Kind.DELETED_EXTERNALLY: decided_deletes.carry_out,
    Kind.DELETED_LOCALLY: decided_deletes.carry_out,
    Kind.MAY_EXIST: _may_exist,
    Kind.AMBIGUOUS: pairing.carry_out,
}
