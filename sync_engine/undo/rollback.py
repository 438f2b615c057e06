"""Rolling back a run: a plan of compensating writes, itself a run.

Field by field: still the value that the run wrote -> the value before it comes back; changed since -> left alone
and listed. What was created is archived, what was deleted here comes back; what cannot be undone is named.

A field taken back here while the other side keeps its value is held apart on purpose: the bases are set to
what stands on each side, so that no later sync drags either of them along until somebody edits it.

It is carried out at once (`roll_back`), or filed and carried out by a worker (`file`, `go_on`), which a worker's death
only interrupts: every write is noted as it is taken back, see `ledger`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connectors.base.connector import Connector
from connectors.base.errors import ConnectorError
from integrations import log_context
from integrations.connect import connect
from integrations.enums import JobStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import Integration, JobExecution, SyncLog
from records.services import InvalidValues
from sync_engine import build
from sync_engine.context import Context
from sync_engine.ports import ports
from sync_engine.running import filed, leases, relay
from sync_engine.running.leases import SPAN, LeaseHeld, LeaseLost
from sync_engine.running.runs import owner, sentence_for, tell
from sync_engine.running.stint import HandOver, Stint
from sync_engine.shape import Shape
from sync_engine.undo import compensations
from sync_engine.undo.compensations import Compensation
from sync_engine.undo.ledger import Ledger

CHUNK = 100
MOST_AT_ONCE = 500
"""Writes that are taken back, or looked up for a preview, while somebody waits; more are a worker's."""
LATER = timedelta(seconds=30)
"""When a rollback that found another worker at the same records looks again."""

ENDS = (LeaseLost, ConnectorError, MappingError, InvalidValues)
"""Cancelled, or no further write would fare better."""


class CannotRollBack(Exception):
    """The run is still going, wrote nothing, is a rollback whose run is gone, or is being rolled back already."""


def preview(run: JobExecution, *, connector: Connector | None = None) -> list[Compensation]:
    """What a rollback would do now, the last write first. Writes nothing."""
    made = _shapes(run, connector)
    return [
        compensations.decide(made[log.resource_type], log)
        for log in writes(run).order_by("-id")
        if log.resource_type in made
    ]


def writes(run: JobExecution) -> QuerySet[SyncLog]:
    """What the run wrote, on either side."""
    written = SyncLog.objects.filter(run=run, status__in=("SUCCESS", "CONFLICT_RESOLVED"))
    return written.exclude(before=None, after=None)


def large(run: JobExecution) -> bool:
    """Too much to wait for."""
    return writes(run).order_by()[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE


def roll_back(
    run: JobExecution, *, cause: str = "rollback", connector: Connector | None = None
) -> tuple[JobExecution, list[Compensation]]:
    """Carries the compensations out, now. Returns the run that did it and what was done or skipped."""
    made = _shapes(run, connector)
    undo = _made(run, cause, status=JobStatus.RUNNING, lease_owner=owner(), lease_until=ports().clock.now() + SPAN)
    done: list[Compensation] = []
    try:
        for step in _steps(undo, made, Stint()):
            done.append(step)
    except (LeaseHeld, *ENDS) as error:
        _end(undo, error)
        if not isinstance(error, LeaseLost):
            raise
    else:
        _end(undo)
    return undo, done


def file(run: JobExecution, *, cause: str) -> JobExecution:
    """A rollback for a worker to carry out."""
    return _filed(run, cause)


def again(undo: JobExecution, *, cause: str) -> JobExecution:
    """Files one that goes on where a rollback broke off."""
    if undo.rolls_back is None:
        raise CannotRollBack("The run that this one took back is gone.")
    return _filed(undo.rolls_back, cause, retry_of=undo, progress=undo.progress)


def go_on(undo: JobExecution, *, connector: Connector | None = None, stint: Stint | None = None) -> None:
    """A stint of a filed rollback that this worker has claimed."""
    try:
        if undo.rolls_back is None:
            raise CannotRollBack("The run that this one was to take back is gone.")
        deque(_steps(undo, _shapes(undo.rolls_back, connector), stint or relay.bounded()), maxlen=0)
    except HandOver:
        _wait(undo, ports().clock.now())
        relay.queue(undo)
    except LeaseHeld:
        _wait(undo, ports().clock.now() + LATER)
    except (CannotRollBack, *ENDS) as error:
        _end(undo, error)
    else:
        _end(undo)


def _shapes(run: JobExecution, connector: Connector | None) -> dict[str, Shape]:
    if run.integration is None or run.status in (JobStatus.RUNNING, JobStatus.PENDING):
        raise CannotRollBack("Only a finished run of an existing integration can be rolled back.")
    connector = connector or connect(run.integration, clock=ports().clock)
    kinds = tuple(build.mappings_in_force(run.integration))  # those too that the settings have left out since
    return {shape.type: shape for shape in build.shapes(run.integration, connector, resource_types=kinds)}


def _filed(run: JobExecution, cause: str, **values: Any) -> JobExecution:
    if run.integration is None or run.status in (JobStatus.RUNNING, JobStatus.PENDING):
        raise CannotRollBack("Only a finished run of an existing integration can be rolled back.")
    undo = _made(run, cause, status=JobStatus.PENDING, scheduled_for=ports().clock.now(), **values)
    transaction.on_commit(lambda: relay.queue(undo))
    return undo


def _made(run: JobExecution, cause: str, **values: Any) -> JobExecution:
    """One at a time: of two people who roll back at once the second is told."""
    going = (JobStatus.PENDING, JobStatus.RUNNING)
    with transaction.atomic():
        Integration.objects.select_for_update().only("pk").get(pk=str(run.integration_id))
        if JobExecution.objects.filter(rolls_back=run, status__in=going).exists():
            raise CannotRollBack("This run is being rolled back already.")
        return JobExecution.objects.create(
            id=ports().ids.new(),
            integration=run.integration,
            job_type=JobType.ROLLBACK,
            started_at=ports().clock.now(),
            rolls_back=run,
            cause=cause,
            **values,
        )


def _steps(undo: JobExecution, made: Mapping[str, Shape], stint: Stint) -> Iterator[Compensation]:
    """Write by write until all are settled. Between two of them it asks whether it is still wanted: a write that was
    begun is always noted. Raises `HandOver` when the stint is over."""
    assert undo.integration is not None
    assert undo.rolls_back is not None
    ledger = Ledger(undo)
    ctx = Context(undo.integration, str(undo.pk), f"rollback of run {undo.rolls_back_id}")
    wanted = writes(undo.rolls_back).filter(resource_type__in=list(made))
    with log_context.at(undo.integration), _held(ctx, made):
        log_context.note(runId=str(undo.pk))
        ledger.begin(wanted)
        while chunk := ledger.left(wanted, CHUNK):
            for log in chunk:
                leases.assert_wanted(str(undo.pk))
                again = ledger.take_up(log)
                shape = made[log.resource_type]
                yield compensations.carry_out(ctx, shape, log, again=again, settle=ledger.settle)
                stint.rest()


@contextmanager
def _held(ctx: Context, made: Mapping[str, Shape]) -> Iterator[None]:
    """Holds the leases of all types, renewed with every write. Raises `LeaseHeld`, then and later, where another
    worker has one of them."""
    name = f"{owner()}:{ctx.run_id}"

    def hold() -> None:
        for shape in made.values():
            leases.take(shape, name)

    ctx.assert_lease = hold
    try:
        hold()
        yield
    finally:
        for shape in made.values():
            leases.release(shape, name)


def _wait(undo: JobExecution, at: datetime) -> None:
    """Leaves it to the next task, unless somebody cancelled it meanwhile."""
    with transaction.atomic():
        held = JobExecution.objects.select_for_update().get(pk=undo.pk)
        if relay.cancelled(held):
            _end(held, LeaseLost(held.error_message))
        else:
            filed.put_back(held, at)


def _end(undo: JobExecution, error: Exception | None = None) -> None:
    undo.refresh_from_db()
    why = relay.cancelled(undo) if error else ""
    undo.status = JobStatus.CANCELLED if why else JobStatus.FAILED if error else JobStatus.COMPLETED
    undo.error_message = why or (sentence_for(error) if error else "")
    undo.completed_at, undo.lease_until = ports().clock.now(), None
    undo.duration_ms = int((undo.completed_at - undo.started_at).total_seconds() * 1000)
    undo.save(update_fields=["status", "error_message", "completed_at", "lease_until", "duration_ms"])
    tell(undo)
