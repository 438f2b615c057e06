"""The path of a record, for every type of an integration: settle, read, map, compare, resolve, apply, push."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.base.capabilities import Pulls
from integrations.models import SyncCursor
from sync_engine import deletes, intents, leases, outbox, phases, push, queues
from sync_engine.context import Context
from sync_engine.shape import Shape


def run_shapes(ctx: Context, made: Sequence[Shape], owner: str, patience: float = 0.0) -> None:
    """All types in order. `patience` is how many seconds to wait for a worker that is at one of them.
    Raises `leases.LeaseHeld`."""
    outbox.distribute()
    for shape in made:
        leases.take_patiently(shape, owner, patience)
        ctx.assert_lease = lambda shape=shape: leases.hold(shape, owner)  # type: ignore[misc]
        try:
            run_shape(ctx, shape)
        finally:
            leases.release(shape, owner)


def run_shape(ctx: Context, shape: Shape) -> None:
    """One type, both ways."""
    cursor = SyncCursor.objects.get(integration=shape.integration, resource_type=shape.type)
    first = not cursor.complete
    if shape.pushes and ctx.gate.writes:
        intents.settle_open(ctx, shape)
    full = False
    if shape.pulls and isinstance(shape.connector, Pulls) and not ctx.only:
        phases.reread(ctx, shape)
        full = phases.pull(ctx, shape, cursor)
        deletes.confirm_missing(ctx, shape)
    if not shape.pushes:
        if ctx.gate.writes and not shape.can_push:
            queues.forget_pending(shape)
        return
    if full or (first and not shape.pulls) or ctx.full:
        if not ctx.only:
            phases.only_here(ctx, shape)
        if not first:
            phases.local_drift(ctx, shape)
    if ctx.only and ctx.gate.writes:
        push.queue_chosen(ctx, shape)
    push.push(ctx, shape)
    if shape.pulls and not ctx.only and ctx.gate.writes:
        # References that the push has just linked, and pulls that it found, are settled in the same run.
        phases.reread(ctx, shape)
