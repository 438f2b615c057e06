"""What is gone at the provider: read once more by itself, then deleted here, by policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from connectors.base.capabilities import Pulls
from integrations.enums import ConflictStrategy, DeletePolicy
from records import selectors, services
from sync_engine import deletes, links, queues
from sync_engine.context import Context
from sync_engine.deciding.table import Act, act
from sync_engine.gate import Step
from sync_engine.inward import fetching
from sync_engine.inward.fetching import Fetched
from sync_engine.journal import DELETE, INWARD, Entry, Journal
from sync_engine.links import Link
from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.review import cases
from sync_engine.shape import Shape

CHUNK = 1_000


def confirm_missing(ctx: Context, shape: Shape) -> None:
    """Reads every suspect directly; those that are really gone are deleted here, by policy."""
    suspects = links.missing(shape, CHUNK)
    if not suspects or deletes.guarded(ctx, shape, len(suspects), "here"):
        return
    connector = shape.connector
    assert isinstance(connector, Pulls)
    size = max(1, connector.batch_size)
    for start in range(0, len(suspects), size):
        chunk = suspects[start : start + size]
        if planted("believe_first_absence"):
            found = Fetched({link.external_id: None for link in chunk})
        else:
            found = fetching.fetch(shape, [link.external_id for link in chunk])
        ports().effect("suspects read")
        _judge(ctx, shape, chunk, found)


def _judge(ctx: Context, shape: Shape, chunk: Sequence[Link], found: Fetched) -> None:
    from sync_engine.inward.pull import process
    from sync_engine.inward.refusals import refuse

    with transaction.atomic():
        journal = ctx.journal(shape)
        looked_at = [link for link in chunk if link.external_id in found.records]
        gone = [link for link in looked_at if (one := found.records[link.external_id]) is None or one.deleted]
        there = [one for one in found.there if not one.deleted]
        if ctx.gate.writes:
            refuse(ctx, shape, journal, found.refused)
        if there:
            process(ctx, shape, journal, there, fresh=True)
        if gone:
            believe(ctx, shape, journal, [link.id for link in gone], ctx.now())
        ctx.commit(journal)
    ports().effect("suspects recorded")


def believe(ctx: Context, shape: Shape, journal: Journal, link_ids: Sequence[int], now: datetime) -> None:
    """These are gone at the provider: carry out the row of the record table for each."""
    current = links.by_id(link_ids)
    organization = str(ctx.integration.organization_id)
    snapshots = selectors.read(
        shape.sync_type, organization, [link.internal_id for link in current.values()], shape.names, lock=True
    )
    remove: list[Link] = []
    for link in current.values():
        snapshot = snapshots.get(link.internal_id)
        what = act("live" if link.live else "tomb", _local_state(shape, link, snapshot), "absent")
        if what is Act.DELETE_LOCAL or (what is Act.ASK_DELETED_EXTERNALLY and planted("delete_over_edit")):
            remove.append(link)
        elif what is Act.ASK_DELETED_EXTERNALLY:
            _edited_here(ctx, shape, journal, link, snapshot, remove, now)
        elif what is Act.CLOSE and ctx.gate.writes:
            deletes.bury(ctx, shape, link, now)
    if remove:
        remove_local(ctx, shape, journal, remove, now)


def _local_state(shape: Shape, link: Link, snapshot: Any) -> Any:
    if snapshot is None:
        return "absent"
    if snapshot.deleted:
        return "deleted"
    base = link.local_base
    pairs = zip(shape.names, snapshot.values, strict=True)
    return "changed" if any(name in base and base[name] != value for name, value in pairs) else "same"


def remove_local(ctx: Context, shape: Shape, journal: Journal, gone: list[Link], now: datetime) -> None:
    policy = ctx.integration.on_external_delete
    if policy in (DeletePolicy.ASK, DeletePolicy.RESTORE):
        for link in gone:
            _by_policy(ctx, shape, journal, link, policy, now)
        return
    chosen = gone
    if not ctx.gate.open:
        steps = [
            Step("delete_local", link.internal_id, link.external_id, [sorted(link.local_base.items())]) for link in gone
        ]
        answers = ctx.gate.permit(shape.type, steps)
        chosen = [link for link, yes in zip(gone, answers, strict=True) if yes]
    if not chosen:
        return
    if policy != DeletePolicy.UNLINK:
        ids = [link.internal_id for link in chosen]
        organization = str(ctx.integration.organization_id)
        services.bulk_delete(shape.sync_type, organization, ids, origin=ctx.origin, now=now)
    cases.closed(ctx, shape, [link.internal_id for link in chosen if link.status == links.CONFLICT], now)
    reason = links.UNLINKED if policy == DeletePolicy.UNLINK else ""
    for link in chosen:
        link.status, link.reason, link.missing_since = links.DELETED, reason, None
        journal.counters["deleted"] += 1
        journal.add(Entry(DELETE, INWARD, link.internal_id, link.external_id, before=link.local_base))
    links.update(chosen, now)


def _by_policy(ctx: Context, shape: Shape, journal: Journal, link: Link, policy: str, now: datetime) -> None:
    if not ctx.gate.writes:
        return
    if policy == DeletePolicy.RESTORE:
        recreate(ctx, shape, link, now)
    else:
        deletes.ask(
            ctx, shape, journal, link, None, "DELETED_EXTERNALLY", "It was deleted there; the mapping asks.", now
        )


def recreate(ctx: Context, shape: Shape, link: Link, now: datetime) -> None:
    """The local record stays and is created again there, under the same link."""
    deletes.bury(ctx, shape, link, now)
    queues.enqueue_pending(shape, [link.internal_id], now)


def _edited_here(
    ctx: Context, shape: Shape, journal: Journal, link: Link, snapshot: Any, remove: list[Link], now: datetime
) -> None:
    """Deleted there, edited here: by strategy where it is clear, else a person decides."""
    strategy = ctx.integration.conflict_strategy
    local = dict(zip(shape.names, snapshot.values, strict=True))
    if strategy == ConflictStrategy.EXTERNAL_WINS:
        remove.append(link)
        if ctx.gate.writes:
            deletes.note(
                ctx, shape, link, "DELETED_EXTERNALLY", "Deleted there, edited here; external wins.", local, {}, now
            )
    elif strategy == ConflictStrategy.LOCAL_WINS and ctx.gate.writes:
        recreate(ctx, shape, link, now)
    elif ctx.gate.writes:
        deletes.ask(ctx, shape, journal, link, local, "DELETED_EXTERNALLY", "Deleted there, edited here.", now)
