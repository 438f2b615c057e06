"""Rolling back a run: a plan of compensating writes, itself a run.

Field by field: still the value that the run wrote -> the value before it comes back; changed since -> left alone
and listed. What was created is archived, what was deleted here comes back; what cannot be undone is named.

A field taken back here while the other side keeps its value is held apart on purpose: the bases are set to
what stands on each side, so that no later sync drags either of them along until somebody edits it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from connectors.base.connector import Connector
from integrations import log_context
from integrations.connect import connect
from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution, SyncLog
from sync_engine import build, compensations, leases
from sync_engine.compensations import Compensation
from sync_engine.context import Context
from sync_engine.gate import OpenGate
from sync_engine.leases import SPAN
from sync_engine.ports import ports
from sync_engine.runs import owner, tell
from sync_engine.shape import Shape


class CannotRollBack(Exception):
    """The run is still going, wrote nothing, or is a rollback whose run is gone."""


def preview(run: JobExecution, *, connector: Connector | None = None) -> list[Compensation]:
    """What a rollback would do now, the last write first. Writes nothing."""
    connector, made = _shapes(run, connector)
    return [compensations.decide(made[log.resource_type], log) for log in _logs(run) if log.resource_type in made]


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


def roll_back(
    run: JobExecution, *, cause: str = "rollback", connector: Connector | None = None
) -> tuple[JobExecution, list[Compensation]]:
    """Carries the compensations out. Returns the run that did it and what was done or skipped."""
    connector, made = _shapes(run, connector)
    assert run.integration is not None
    with log_context.at(run.integration):
        return _carried_out(run, run.integration, cause, made)


def _carried_out(
    run: JobExecution, integration: Integration, cause: str, made: Mapping[str, Shape]
) -> tuple[JobExecution, list[Compensation]]:
    now = ports().clock.now()
    undo = JobExecution.objects.create(
        id=ports().ids.new(),
        integration=integration,
        job_type=JobType.ROLLBACK,
        started_at=now,
        rolls_back=run,
        cause=cause,
        lease_owner=owner(),
        lease_until=now + SPAN,
    )
    log_context.note(runId=str(undo.pk))
    ctx = Context(integration, str(undo.pk), f"rollback of run {run.pk}", OpenGate())
    name = f"{owner()}:{undo.pk}"
    done: list[Compensation] = []
    held: list[Shape] = []
    try:
        for shape in made.values():
            leases.take(shape, name)
            held.append(shape)
        for log in _logs(run):
            if log.resource_type in made:
                done.append(compensations.carry_out(ctx, made[log.resource_type], log))
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
