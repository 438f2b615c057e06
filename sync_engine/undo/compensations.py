"""Compensating writes of a rollback: what takes one logged write back, decided and carried out on the state of
the very moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from connectors.base.capabilities import Pulls, Pushes
from connectors.base.errors import ConnectorError, NotFound, UnknownOutcome
from connectors.base.records import ExternalRecord
from integrations.enums import SyncOperation
from integrations.mapping.errors import ConversionError
from integrations.models import SyncLog
from records import selectors, services
from sync_engine import links
from sync_engine.context import Context
from sync_engine.journal import DELETE, INWARD, OUTWARD, UPDATE, Entry
from sync_engine.links import Link
from sync_engine.ports import ports
from sync_engine.shape import Shape


@dataclass(frozen=True, slots=True)
class Compensation:
    """One write that takes one write back. `skipped` says why it does not."""

    log_id: int
    resource_type: str
    action: str
    internal_id: str
    external_id: str
    values: Mapping[str, Any] = field(default_factory=dict)
    skipped: str = ""


def decide(shape: Shape, log: SyncLog, *, again: bool = False) -> Compensation:
    """`again` = a worker died at this very write and may have taken it back already: what stands there as it was
    before is then its doing, not a person's."""
    inward = log.direction == INWARD
    external = _external(shape, log.external_id) if not inward else None
    local = _local(shape, str(log.resource_id))
    if inward:
        return _inward(shape, log, local)
    return _outward(shape, log, external, again)


def _inward(shape: Shape, log: SyncLog, local: dict[str, Any] | None) -> Compensation:
    after, before = log.after or {}, log.before or {}
    if log.operation == SyncOperation.DELETE:
        return _made(log, "restore_local") if local is None else _made(log, "none", skipped="It is back already.")
    if local is None:
        return _made(log, "none", skipped="The record was deleted since.")
    if log.operation == SyncOperation.CREATE:
        moved = [name for name, value in after.items() if local.get(name) != value]
        why = f"Edited since: {', '.join(moved)}." if moved else ""
        return _made(log, "none" if moved else "archive_local", skipped=why)
    ours = {name: before.get(name) for name, value in after.items() if local.get(name) == value}
    since = sorted(set(after) - set(ours))
    return _made(log, "update_local" if ours else "none", ours, f"Edited since: {', '.join(since)}." if since else "")


def _outward(shape: Shape, log: SyncLog, external: ExternalRecord | None, again: bool) -> Compensation:
    after, before = log.after or {}, log.before or {}
    if log.operation == SyncOperation.DELETE:
        return _made(log, "none", skipped=f"{shape.connector.label} cannot bring a deleted record back.")
    if external is None and again and log.operation == SyncOperation.CREATE:
        return _made(log, "delete_external")
    if external is None:
        return _made(log, "none", skipped="The record is gone at the provider.")
    values = dict(zip(shape.keys, shape.mapping.read_external(external.fields), strict=True))
    if log.operation == SyncOperation.CREATE:
        # A field that we left empty and somebody filled since is an edit like any other.
        moved = [key for key, value in values.items() if value != after.get(key) and (key in after or value)]
        why = f"Edited there since: {', '.join(moved)}." if moved else ""
        return _made(log, "none" if moved else "delete_external", skipped=why)
    ours = {
        key: before.get(key)
        for key, value in after.items()
        if values.get(key) == value or (again and values.get(key) == before.get(key))
    }
    since = sorted(set(after) - set(ours))
    why = f"Edited there since: {', '.join(since)}." if since else ""
    return _made(log, "update_external" if ours else "none", ours, why)


def _external(shape: Shape, external_id: str | None) -> ExternalRecord | None:
    assert isinstance(shape.connector, Pulls)
    try:
        return shape.connector.fetch(shape.resource, external_id or "")
    except NotFound:
        return None


def _local(shape: Shape, internal_id: str) -> dict[str, Any] | None:
    organization = str(shape.integration.organization_id)
    snapshot = selectors.read(shape.sync_type, organization, [internal_id], shape.names).get(internal_id)
    if snapshot is None or snapshot.deleted:
        return None
    return dict(zip(shape.names, snapshot.values, strict=True))


def _made(log: SyncLog, action: str, values: Mapping[str, Any] | None = None, skipped: str = "") -> Compensation:
    return Compensation(
        log.pk, log.resource_type, action, str(log.resource_id), log.external_id or "", values or {}, skipped
    )


def carry_out(
    ctx: Context, shape: Shape, log: SyncLog, *, again: bool, settle: Callable[[Compensation], None]
) -> Compensation:
    """One compensation, decided on the state of this very moment. `settle` notes it, in the same transaction."""
    step = decide(shape, log, again=again)
    record: ExternalRecord | None = None
    try:
        if step.action == "update_external":
            record = _update_there(shape, step)
        elif step.action == "delete_external":
            _delete_there(ctx, shape, step)
    except (ConnectorError, ConversionError) as error:
        step = _made(log, "none", skipped=str(error))
    ports().effect("rollback step")
    with transaction.atomic():
        journal = ctx.journal(shape)
        found = links.by_internal(shape, [step.internal_id])
        if step.action != "none" and step.internal_id in found:
            _ACTIONS[step.action](ctx, shape, found[step.internal_id], step, record)
            inward = step.action.endswith("_local")
            journal.counters["pulled" if inward else "pushed"] += 1
            operation = UPDATE if step.action.startswith("update") else DELETE
            journal.add(
                Entry(
                    operation,
                    INWARD if inward else OUTWARD,
                    step.internal_id,
                    step.external_id,
                    before={name: (log.after or {}).get(name) for name in step.values},
                    after=step.values,
                )
            )
        settle(step)
        ctx.commit(journal)
    return step


def _update_there(shape: Shape, step: Compensation) -> ExternalRecord:
    connector = shape.connector
    assert isinstance(connector, Pushes)
    assert isinstance(connector, Pulls)
    current = connector.fetch(shape.resource, step.external_id)
    standing = dict(zip(shape.keys, shape.mapping.read_external(current.fields), strict=True))
    writes = {shape.keys.index(key): value for key, value in step.values.items() if standing[key] != value}
    if not writes:
        return current
    try:
        return connector.update(shape.resource, step.external_id, shape.written(writes, current), current=current)
    except UnknownOutcome:
        # Settled by reading: the bases are set to what stands there, whichever it is.
        return connector.fetch(shape.resource, step.external_id)


def _delete_there(ctx: Context, shape: Shape, step: Compensation) -> None:
    """Buries the link before the call: whatever becomes of the answer, or of this process, no later run takes the
    absence for a person's delete. A record that stayed after all is re-read and linked again."""
    connector = shape.connector
    assert isinstance(connector, Pushes)
    assert isinstance(connector, Pulls)
    try:
        current = connector.fetch(shape.resource, step.external_id)
    except NotFound:
        current = None
    before = _mark(ctx, shape, step, links.DELETED, links.ROLLED_BACK)
    if current is None:
        return
    ports().effect("rollback buried")
    try:
        connector.delete(shape.resource, step.external_id, current=current)
    except (NotFound, UnknownOutcome):
        return
    except ConnectorError:
        if before is not None:
            _mark(ctx, shape, step, *before)
        raise


def _mark(ctx: Context, shape: Shape, step: Compensation, status: str, reason: str) -> tuple[str, str] | None:
    """Returns what stood on the link before, (status, reason)."""
    with transaction.atomic():
        link = links.by_internal(shape, [step.internal_id]).get(step.internal_id)
        if link is None:
            return None
        before = link.status, link.reason
        link.status, link.reason = status, reason
        links.update([link], ctx.now())
        ctx.assert_lease()
    return before


def _update_local(ctx: Context, shape: Shape, link: Link, step: Compensation, _record: Any) -> None:
    now, organization = ctx.now(), str(ctx.integration.organization_id)
    services.bulk_update(
        shape.sync_type, organization, [(link.internal_id, dict(step.values))], origin=ctx.origin, now=now
    )
    link.local_base.update(step.values)
    _hold_apart(ctx, link, step)


def _update_external(ctx: Context, shape: Shape, link: Link, step: Compensation, record: Any) -> None:
    values = dict(zip(shape.keys, shape.mapping.read_external(record.fields), strict=True))
    local = _local(shape, link.internal_id) or {}
    for key in step.values:
        link.external_base[key] = values[key]
        name = shape.mapping.rules[shape.keys.index(key)].internal
        if name in local:
            link.local_base[name] = local[name]
    link.external_updated_at, link.version = record.updated_at, record.version
    _hold_apart(ctx, link, step)


def _hold_apart(ctx: Context, link: Link, step: Compensation) -> None:
    stamp = {"by": "ROLLBACK", "run": ctx.run_id, "at": ctx.now().isoformat()}
    link.provenance.update(dict.fromkeys(step.values, stamp))
    link.external_hash = None
    links.update([link], ctx.now())


def _archive_local(ctx: Context, shape: Shape, link: Link, step: Compensation, _record: Any) -> None:
    organization = str(ctx.integration.organization_id)
    services.bulk_delete(shape.sync_type, organization, [link.internal_id], origin=ctx.origin, now=ctx.now())
    _tombstone(ctx, link)


def _restore_local(ctx: Context, shape: Shape, link: Link, step: Compensation, _record: Any) -> None:
    organization = str(ctx.integration.organization_id)
    services.bulk_restore(shape.sync_type, organization, [link.internal_id], origin=ctx.origin, now=ctx.now())
    _tombstone(ctx, link)


def _delete_external(ctx: Context, shape: Shape, link: Link, step: Compensation, _record: Any) -> None:
    _tombstone(ctx, link)


def _tombstone(ctx: Context, link: Link) -> None:
    """One side has it, the other not, and so it stays until somebody edits it."""
    link.status, link.reason = links.DELETED, links.ROLLED_BACK
    links.update([link], ctx.now())


_ACTIONS = {
    "update_local": _update_local,
    "update_external": _update_external,
    "archive_local": _archive_local,
    "restore_local": _restore_local,
    "delete_external": _delete_external,
}
