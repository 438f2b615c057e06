"""Rolling back a run: a plan of compensating writes, itself a run.

Field by field: still the value that the run wrote -> the value before it comes back; changed since -> left alone
and listed. What was created is archived, what was deleted here comes back; what cannot be undone is named.

A field taken back here while the other side keeps its value is held apart on purpose: the bases are set to
what stands on each side, so that no later sync drags either of them along until somebody edits it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from connectors.base.capabilities import Pulls, Pushes
from connectors.base.connector import Connector
from connectors.base.errors import ConnectorError, NotFound, UnknownOutcome
from connectors.base.records import ExternalRecord
from integrations.connect import connect
from integrations.enums import JobStatus, JobType, SyncOperation
from integrations.models import JobExecution, SyncLog
from records import selectors, services
from sync_engine import build, leases, links
from sync_engine.context import Context
from sync_engine.gate import OpenGate
from sync_engine.journal import DELETE, INWARD, OUTWARD, UPDATE, Entry
from sync_engine.leases import SPAN
from sync_engine.links import Link
from sync_engine.ports import ports
from sync_engine.runs import owner, tell
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


class CannotRollBack(Exception):
    """The run is still going, wrote nothing, or is a rollback whose run is gone."""


def preview(run: JobExecution, *, connector: Connector | None = None) -> list[Compensation]:
    """What a rollback would do now, the last write first. Writes nothing."""
    connector, made = _shapes(run, connector)
    return [_compensate(made[log.resource_type], log) for log in _logs(run) if log.resource_type in made]


def _shapes(run: JobExecution, connector: Connector | None) -> tuple[Connector, dict[str, Shape]]:
    if run.integration is None or run.status in (JobStatus.RUNNING, JobStatus.PENDING):
        raise CannotRollBack("Only a finished run of an existing integration can be rolled back.")
    connector = connector or connect(run.integration, clock=ports().clock)
    return connector, {shape.type: shape for shape in build.shapes(run.integration, connector)}


def _logs(run: JobExecution) -> list[SyncLog]:
    written = SyncLog.objects.filter(run=run, status__in=("SUCCESS", "CONFLICT_RESOLVED")).exclude(
        before=None, after=None
    )
    return list(written.order_by("-id"))


def _compensate(shape: Shape, log: SyncLog) -> Compensation:
    inward = log.direction == INWARD
    external = _external(shape, log.external_id) if not inward else None
    local = _local(shape, str(log.resource_id))
    if inward:
        return _inward(shape, log, local)
    return _outward(shape, log, external)


def _made(log: SyncLog, action: str, values: Mapping[str, Any] | None = None, skipped: str = "") -> Compensation:
    return Compensation(
        log.pk, log.resource_type, action, str(log.resource_id), log.external_id or "", values or {}, skipped
    )


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


def _outward(shape: Shape, log: SyncLog, external: ExternalRecord | None) -> Compensation:
    after, before = log.after or {}, log.before or {}
    if log.operation == SyncOperation.DELETE:
        return _made(log, "none", skipped=f"{shape.connector.label} cannot bring a deleted record back.")
    if external is None:
        return _made(log, "none", skipped="The record is gone at the provider.")
    values = dict(zip(shape.keys, shape.mapping.read_external(external.fields), strict=True))
    if log.operation == SyncOperation.CREATE:
        moved = [key for key, value in after.items() if values.get(key) != value]
        why = f"Edited there since: {', '.join(moved)}." if moved else ""
        return _made(log, "none" if moved else "delete_external", skipped=why)
    ours = {key: before.get(key) for key, value in after.items() if values.get(key) == value}
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


def roll_back(
    run: JobExecution, *, cause: str = "rollback", connector: Connector | None = None
) -> tuple[JobExecution, list[Compensation]]:
    """Carries the compensations out. Returns the run that did it and what was done or skipped."""
    connector, made = _shapes(run, connector)
    assert run.integration is not None
    now = ports().clock.now()
    undo = JobExecution.objects.create(
        id=ports().ids.new(),
        integration=run.integration,
        job_type=JobType.ROLLBACK,
        started_at=now,
        rolls_back=run,
        cause=cause,
        lease_owner=owner(),
        lease_until=now + SPAN,
    )
    ctx = Context(run.integration, str(undo.pk), f"rollback of run {run.pk}", OpenGate())
    name = f"{owner()}:{undo.pk}"
    done: list[Compensation] = []
    held: list[Shape] = []
    try:
        for shape in made.values():
            leases.take(shape, name)
            held.append(shape)
        for log in _logs(run):
            if log.resource_type in made:
                done.append(_carry_out(ctx, made[log.resource_type], log))
    finally:
        for shape in held:
            leases.release(shape, name)
        _end(undo, ctx.counters, done)
    return undo, done


def _end(undo: JobExecution, counters: Counter[str], done: list[Compensation]) -> None:
    undo.refresh_from_db()
    undo.status, undo.completed_at, undo.lease_until = JobStatus.COMPLETED, ports().clock.now(), None
    undo.duration_ms = int((undo.completed_at - undo.started_at).total_seconds() * 1000)
    undo.progress = {
        "skipped": [f"{one.resource_type} {one.internal_id}: {one.skipped}" for one in done if one.skipped]
    }
    undo.save()
    tell(undo)


def _carry_out(ctx: Context, shape: Shape, log: SyncLog) -> Compensation:
    """One compensation, decided on the state of this very moment."""
    step = _compensate(shape, log)
    record: ExternalRecord | None = None
    if step.action in ("update_external", "delete_external"):
        try:
            record = _write_there(shape, step)
        except ConnectorError as error:
            return _made(log, "none", skipped=error.message)
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
        ctx.commit(journal)
    return step


def _write_there(shape: Shape, step: Compensation) -> ExternalRecord | None:
    connector = shape.connector
    assert isinstance(connector, Pushes)
    assert isinstance(connector, Pulls)
    current = connector.fetch(shape.resource, step.external_id)
    if step.action == "delete_external":
        connector.delete(shape.resource, step.external_id, current=current)
        return None
    writes = {shape.keys.index(key): value for key, value in step.values.items()}
    try:
        return connector.update(shape.resource, step.external_id, shape.mapping.write(writes), current=current)
    except UnknownOutcome:
        # Settled by reading: the bases are set to what stands there, whichever it is.
        return connector.fetch(shape.resource, step.external_id)


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
