"""A delete against an edit, decided by a person as a whole: keep the record, or let it go, on both sides."""

from __future__ import annotations

from datetime import datetime

from conflicts.models import ConflictResolution
from connectors.base.capabilities import Pushes
from integrations.enums import DeletePolicy
from integrations.mapping.compiled import fingerprint
from records import services
from sync_engine import deletes, links, queues
from sync_engine.context import Context
from sync_engine.deciding.choices import KEEP_LOCAL, Choice
from sync_engine.inward import gone
from sync_engine.journal import DELETE, INWARD, OUTWARD, Entry, Journal
from sync_engine.review import standing
from sync_engine.review.seen import ConflictMoved, expect_seen
from sync_engine.review.standing import BothSides
from sync_engine.shape import Shape

Kind = ConflictResolution.Kind
BY_ITSELF = (DeletePolicy.ARCHIVE, DeletePolicy.PROPAGATE)
"""Policies under which a push deletes there without asking."""


def carry_out(ctx: Context, shape: Shape, conflict: ConflictResolution, choice: Choice, seen: str | None) -> None:
    """Raises `ConflictMoved` where a side is not what the person saw."""
    sides = standing.read(conflict, shape, lock=True)
    _expect(conflict, shape, sides, seen)
    journal, now = ctx.journal(shape), ctx.now()
    sides.link.status, sides.link.reason = links.SYNCED, ""
    keeps_local = choice.strategy == KEEP_LOCAL
    if conflict.kind == Kind.DELETED_EXTERNALLY:
        _gone_there(ctx, shape, journal, sides, keeps_local, now)
    elif keeps_local:
        _gone_here(ctx, shape, journal, sides, now)
    else:
        assert sides.record is not None
        values = shape.mapping.read_external(sides.record.fields)
        deletes.restore_local(ctx, shape, journal, [(sides.link, sides.record, values)], now)
    ctx.commit(journal)


def _expect(conflict: ConflictResolution, shape: Shape, sides: BothSides, seen: str | None) -> None:
    local, external = standing.shown(conflict, shape, sides)
    if conflict.kind == Kind.DELETED_EXTERNALLY:
        known = conflict.local_data or sides.link.local_base
        same = not external and all(known.get(name, value) == value for name, value in local.items())
    else:
        known = conflict.external_data or sides.link.external_base
        same = bool(external) and all(known.get(key, value) == value for key, value in external.items())
    expect_seen(conflict, local, external, seen, same)
    if bool(external) is (conflict.kind == Kind.DELETED_EXTERNALLY):
        # It came back there, or is gone there too: another question than the one that was answered.
        raise ConflictMoved(conflict)


def _gone_there(
    ctx: Context, shape: Shape, journal: Journal, sides: BothSides, keeps_local: bool, now: datetime
) -> None:
    link = sides.link
    organization = str(ctx.integration.organization_id)
    if keeps_local:
        if sides.local is None:  # the case was opened again after the record was let go
            services.bulk_restore(shape.sync_type, organization, [link.internal_id], origin=ctx.origin, now=now)
        gone.recreate(ctx, shape, link, now)
    elif sides.local is None:
        link.status, link.missing_since = links.DELETED, None
        links.update([link], now)
    elif ctx.integration.on_external_delete in (DeletePolicy.ASK, DeletePolicy.RESTORE):
        # The policy would ask again, or bring it back: the person has answered.
        services.bulk_delete(shape.sync_type, organization, [link.internal_id], origin=ctx.origin, now=now)
        _bury(ctx, journal, sides, INWARD, now)
    else:
        gone.remove_local(ctx, shape, journal, [link], now)


def _gone_here(ctx: Context, shape: Shape, journal: Journal, sides: BothSides, now: datetime) -> None:
    """Their edit was seen and let go: the delete goes out over it."""
    assert sides.record is not None
    link = sides.link
    if ctx.integration.on_local_delete in BY_ITSELF:
        links.update([link], now)
        queues.let_go(shape, link.internal_id, fingerprint(shape.mapping.read_external(sides.record.fields)), now)
        return
    # A push would ask again. Should the answer to this call be lost, the case stays open and the next look
    # finds the record gone; deleting what is gone is success.
    connector = shape.connector
    assert isinstance(connector, Pushes)
    connector.delete(shape.resource, link.external_id, current=sides.record)
    _bury(ctx, journal, sides, OUTWARD, now)


def _bury(ctx: Context, journal: Journal, sides: BothSides, direction: str, now: datetime) -> None:
    link = sides.link
    link.status, link.missing_since = links.DELETED, None
    links.update([link], now)
    base = link.local_base if direction == INWARD else link.external_base
    journal.counters["deleted"] += 1
    journal.add(Entry(DELETE, direction, link.internal_id, link.external_id, before=base))
