"""Runs: started, carried through, ended with a verdict that people can read; resumed when a worker died."""

from __future__ import annotations

import os
import socket
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from django.db import transaction

from connectors.base.connector import Connector
from connectors.base.context import Call
from connectors.base.errors import ConnectorError, Transient
from integrations import log_context
from integrations.connect import connect
from integrations.enums import IntegrationStatus, JobStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import Integration, JobExecution
from records.services import InvalidValues
from sync_engine import build, pipeline
from sync_engine.context import Context, _no_progress
from sync_engine.gate import Gate, OpenGate, PlanGate, ReplayGate
from sync_engine.ports import ports
from sync_engine.running import added_types, first_sync, ladder, relay
from sync_engine.running.ladder import NotNow
from sync_engine.running.leases import SPAN, LeaseHeld, LeaseLost
from sync_engine.running.options import DIRECTIONS, Options
from sync_engine.running.stint import HandOver, Stint
from sync_engine.running.verdicts import Result, pronounce, sentence_for, tell

__all__ = ["Options", "Result", "calls_of", "execute", "owner", "reap", "sentence_for", "tell"]


def execute(
    integration: Integration,
    options: Options,
    *,
    connector: Connector | None = None,
    progress: Callable[[Counter[str]], None] = _no_progress,
    stint: Stint | None = None,
) -> Result:
    """Runs in this process, from start to verdict, or until `stint` is over. Expected failures end up in the
    result and on the rows, never as a traceback; a crash leaves a RUNNING row whose lease runs out."""
    with log_context.at(integration):
        return _execute(integration, options, connector, progress, stint)


def _execute(
    integration: Integration,
    options: Options,
    connector: Connector | None,
    progress: Callable[[Counter[str]], None],
    stint: Stint | None,
) -> Result:
    run = _start(integration, options)
    log_context.note(runId=str(run.pk))
    result = Result(run)
    ctx = _context(integration, options, run, progress)
    ctx.stint = stint or ctx.stint
    lease = f"{owner()}:{run.pk}"
    if relay.begun(run):
        relay.take_up(ctx, run, lease)
    refused: deque[Call] = deque(maxlen=1)
    ports().effect("run started")
    try:
        connector = connector or connect(integration, clock=ports().clock, on_call=_keep_refused(refused))
        result.handed_over = not _pipeline(ctx, connector, options, run, lease)
        if not result.handed_over:
            _heard_nothing(ctx)
    except (ConnectorError, MappingError, InvalidValues, LeaseHeld, LeaseLost) as error:
        result.problem, result.error = error, relay.cancelled(run) or sentence_for(error)
        run.error_details = _details(error, refused)
    result.counters, result.failures = ctx.counters, ctx.failures
    result.approvals = list(dict.fromkeys(ctx.approvals))
    result.counters.update(Counter(calls_of(connector)))
    if result.handed_over:
        return result
    pronounce(integration, ctx, result, options)
    ports().effect("run finished")
    return result


def calls_of(connector: Connector | None) -> dict[str, int]:
    """How often the provider was called and for how many milliseconds together; 0 where the connector never came
    to build a client."""
    client = vars(connector).get("client") if connector is not None else None
    calls, seconds = (client.calls, client.seconds) if client is not None else (0, 0.0)
    return {"api_calls": int(calls), "api_ms": round(seconds * 1000)}


def _keep_refused(last: deque[Call]) -> Callable[[Call], None]:
    return lambda call: last.append(call) if call.error or call.status >= 400 else None


def _details(error: Exception, refused: deque[Call]) -> dict[str, Any]:
    """For people: what kind of error, and the request behind it without anything secret."""
    details: dict[str, Any] = {"type": type(error).__name__, "status": getattr(error, "status", None)}
    for call in refused:
        details["request"] = {"method": call.method, "url": call.url, "status": call.status, "ms": round(call.ms)}
    return details


def _heard_nothing(ctx: Context) -> None:
    """Writes are put off one by one; where the provider answered nothing at all, the run itself has failed."""
    if ctx.failures and not ctx.answers:
        raise Transient(ctx.failures[-1])


def _start(integration: Integration, options: Options) -> JobExecution:
    now = ports().clock.now()
    values = {
        "integration": integration,
        "job_type": options.job_type,
        "status": JobStatus.RUNNING,
        "started_at": now,
        "scheduled_for": None,
        "options": options.stored(),
        "plan_id": options.plan,
        "cause": options.cause,
        "lease_owner": owner(),
        "lease_until": now + SPAN,
    }
    if options.run_id and (run := JobExecution.objects.filter(pk=options.run_id).first()) and relay.begun(run):
        return _restart(run)
    if options.run_id:
        return JobExecution.objects.update_or_create(pk=options.run_id, defaults=values)[0]
    return JobExecution.objects.create(id=ports().ids.new(), **values)


def _restart(run: JobExecution) -> JobExecution:
    """The next stint of a run: its counters, its start and its cause stay. A retry starts only now, though it goes on
    where another run came to."""
    if run.progress.get("resumes"):
        run.started_at = ports().clock.now()
    run.status, run.scheduled_for, run.lease_owner = JobStatus.RUNNING, None, owner()
    run.lease_until = ports().clock.now() + SPAN
    run.save(update_fields=["started_at", "status", "scheduled_for", "lease_owner", "lease_until"])
    return run


def owner() -> str:
    """This worker's name on a lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _context(
    integration: Integration, options: Options, run: JobExecution, progress: Callable[[Counter[str]], None]
) -> Context:
    return Context(
        integration=integration,
        run_id=str(run.pk),
        cause=options.cause or options.job_type,
        gate=_gate(options, run),
        full=options.full,
        only=options.items,
        approve_deletes=options.approve_deletes,
        progress=progress,
    )


def _gate(options: Options, run: JobExecution) -> Gate:
    if options.dry_run or (options.first and not run.progress.get("looked")):
        return PlanGate(str(run.pk))
    if options.plan:
        return ReplayGate(options.plan)
    return OpenGate()


def _pipeline(ctx: Context, connector: Connector, options: Options, run: JobExecution, lease: str) -> bool:
    """Whether the run is done; if not, it was handed over."""
    if ctx.integration.status in (IntegrationStatus.PAUSED, IntegrationStatus.DISABLED):
        raise NotNow(f"'{ctx.integration.name}' is {ctx.integration.status.lower()}. Resume it to sync.")
    if (
        not options.dry_run
        and not options.plan
        and (waits := first_sync.sentence(ctx.integration, options.resource_types))
    ):
        raise NotNow(waits)
    pull, push = DIRECTIONS[options.direction]
    made = build.shapes(ctx.integration, connector, resource_types=options.resource_types, pull=pull, push=push)
    if not (options.first or options.dry_run or options.plan):
        made = added_types.left_in(ctx.integration, made)
    try:
        if options.first and not first_sync.look(ctx, made, run, lease, options.patience):
            return True
        pipeline.run_shapes(ctx, made, lease, options.patience)
    except (HandOver, LeaseHeld) as reason:
        if isinstance(reason, LeaseHeld) and ctx.stint.number == 1:
            raise
        relay.hand_over(ctx, run, lease, calls_of(connector))
        return False
    if isinstance(ctx.gate, ReplayGate):
        ctx.counters["stale"] = ctx.gate.close()
        JobExecution.objects.filter(pk=ctx.gate.plan_id, status=JobStatus.AWAITING_APPROVAL).update(
            status=JobStatus.COMPLETED
        )
    return True


def reap() -> list[JobExecution]:
    """Runs whose worker died: marked as failed, and a retry filed that goes on at the checkpoint."""
    now = ports().clock.now()
    with transaction.atomic():
        dead = JobExecution.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            status=JobStatus.RUNNING, lease_until__lt=now
        )
        dead = dead.exclude(job_type=JobType.DECISIONS)  # these go on by themselves, see `bulk`
        return [risen for run in list(dead) if (risen := _bury(run)) is not None]


def _bury(run: JobExecution) -> JobExecution | None:
    """The run that goes on with the work, where one is needed."""
    now = ports().clock.now()
    if run.job_type == JobType.ROLLBACK:
        return ladder.rollback_after_death(run, now)
    run.status, run.completed_at, run.lease_until = JobStatus.FAILED, now, None
    risen = None
    if run.job_type == JobType.WEBHOOK_BATCH or run.integration is None:
        run.error_message = "The worker stopped in the middle of this run; what it had not heard is still queued."
    else:
        run.error_message = "The worker stopped in the middle of this run; it is resumed by another run."
        risen = ladder.after_death(run.integration, run, now)
    run.save(update_fields=["status", "completed_at", "lease_until", "error_message", "error_details"])
    tell(run)
    return risen
