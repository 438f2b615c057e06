"""What does not wait for the end of a long run: what webhooks queued and what was edited here.

A run holds the lease of the type that it lists, so nobody else works on it meanwhile. At the start of each of its
stints, when no page of the listing is in flight that could be older than what is written now, the run itself does
what hearings and pushes would have done, for every type that has been listed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from integrations.models import SyncCursor
from sync_engine import phases
from sync_engine.context import Context
from sync_engine.inward import gone
from sync_engine.outward import intents, push
from sync_engine.running import leases
from sync_engine.shape import Shape

_WAITS = """
SELECT EXISTS (SELECT 1 FROM integrations_externalchange WHERE integration_id = %(integration)s
    AND resource_type = %(type)s AND (not_before IS NULL OR not_before <= %(now)s))
  OR %(pushes)s AND EXISTS (SELECT 1 FROM integrations_pendingchange WHERE integration_id = %(integration)s
    AND resource_type = %(type)s AND (not_before IS NULL OR not_before <= %(now)s))
"""


def serve(ctx: Context, made: Sequence[Shape], owner: str) -> None:
    """At the start of a stint. Raises `HandOver` where the stint is over with it."""
    if ctx.stint.number == 1 or ctx.only or not ctx.gate.open:
        return
    for shape in made:
        if shape.pulls and _listed(shape) and _waits(shape, ctx.now()):
            _serve(ctx, shape, owner)


def catch_up(ctx: Context, shape: Shape) -> None:
    """Creates in doubt, what webhooks queued, suspects, local edits, and what came of these. Needs the lease."""
    if shape.pushes:
        intents.settle_open(ctx, shape)
    phases.reread(ctx, shape)
    gone.confirm_missing(ctx, shape)
    if shape.pushes:
        push.push(ctx, shape)
        phases.reread(ctx, shape)


def _serve(ctx: Context, shape: Shape, owner: str) -> None:
    place = ctx.stint.place(shape.type)
    try:
        leases.take(shape, owner)
    except leases.LeaseHeld:
        return  # whoever has it does the same
    ctx.resource_type, ctx.assert_lease = shape.type, lambda: leases.hold(shape, owner)
    pushed, place.pushed = place.pushed, 0  # the run's own push looks at everything once more
    try:
        catch_up(ctx, shape)
    finally:
        place.pushed = pushed
        if not place.began or place.done:
            leases.release(shape, owner)


def _listed(shape: Shape) -> bool:
    """Before its first listing is done, a type has no partners to push to."""
    return SyncCursor.objects.filter(integration=shape.integration, resource_type=shape.type, complete=True).exists()


def _waits(shape: Shape, now: datetime) -> bool:
    known: dict[str, Any] = {
        "integration": shape.integration.pk,
        "type": shape.type,
        "pushes": shape.pushes,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, known)
        return bool(cursor.fetchone()[0])
