"""The path of a record, for every type of an integration: settle, read, map, compare, resolve, apply, push."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.base.capabilities import Pulls
from integrations import log_context
from integrations.models import SyncCursor
from sync_engine import phases, queues
from sync_engine.context import Context
from sync_engine.inward import gone
from sync_engine.outward import intents, outbox, push
from sync_engine.running import leases, urgent
from sync_engine.running.stint import HandOver, Place
from sync_engine.shape import Shape


def run_shapes(ctx: Context, made: Sequence[Shape], owner: str, patience: float = 0.0) -> None:
    """All types in order. `patience` is how many seconds to wait for a worker that is at one of them.
    Raises `leases.LeaseHeld`, and `HandOver` where the stint is over before the run is."""
    outbox.distribute()
    urgent.serve(ctx, made, owner)
    waiting = [shape for shape in made if not ctx.stint.place(shape.type).done]
    for shape in waiting:
        ctx.resource_type = shape.type
        log_context.note(resourceType=shape.type.upper())
        leases.assert_wanted(ctx.run_id)
        leases.take_patiently(shape, owner, patience)
        ctx.assert_lease = lambda shape=shape: leases.hold(shape, owner)  # type: ignore[misc]
        try:
            run_shape(ctx, shape)
        except HandOver:
            raise  # the lease goes on to the next stint
        except BaseException:
            leases.release(shape, owner)
            raise
        leases.release(shape, owner)
        ctx.stint.place(shape.type).done = True
        if shape is not waiting[-1]:
            ctx.stint.rest()


def run_shape(ctx: Context, shape: Shape) -> None:
    """One type, both ways, from the place where the last stint left it."""
    if not (shape.inward or shape.outward):
        return  # its kind is left out by the settings: what waits for it goes on waiting
    cursor = SyncCursor.objects.get(integration=shape.integration, resource_type=shape.type)
    place = ctx.stint.place(shape.type)
    if not place.began:
        place.first = not cursor.complete
    if shape.pushes and ctx.gate.writes:
        intents.settle_open(ctx, shape)
    if not place.listed and shape.pulls and isinstance(shape.connector, Pulls) and not ctx.only:
        phases.reread(ctx, shape)
        place.full = phases.pull(ctx, shape, cursor)
        gone.confirm_missing(ctx, shape)
    place.listed = True
    if not shape.pushes:
        if ctx.gate.writes and not shape.can_push:
            queues.forget_pending(shape)
        return
    if not place.queued:
        _queue(ctx, shape, place)
        place.queued = True
    push.push(ctx, shape)
    if shape.pulls and not ctx.only and ctx.gate.open:
        # References that the push has just linked, and pulls that it found, are settled in the same run. No plan has
        # shown them, so where one is applied they are for the next run.
        phases.reread(ctx, shape)


def _queue(ctx: Context, shape: Shape, place: Place) -> None:
    """What nobody has queued: records that are only here, edits that bypassed the one door, what a person chose."""
    if place.full or (place.first and not shape.pulls) or ctx.full:
        if not ctx.only:
            phases.only_here(ctx, shape)
        if not place.first:
            phases.local_drift(ctx, shape)
    if ctx.only and ctx.gate.writes:
        push.queue_chosen(ctx, shape)
