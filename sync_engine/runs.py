"""Runs: started, carried through, ended with a verdict that people can read; resumed when a worker died."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from connectors.base.connector import Connector
from connectors.base.errors import AuthError, ConfigError, ConnectorError, RateLimited, Rejected, Transient
from integrations.connect import connect
from integrations.enums import IntegrationStatus, JobStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import Integration, JobExecution
from integrations.signals import run_finished
from sync_engine import build, first_sync, pipeline, relay
from sync_engine.context import Context, _no_progress
from sync_engine.gate import Gate, OpenGate, PlanGate, ReplayGate
from sync_engine.leases import SPAN, LeaseHeld, LeaseLost
from sync_engine.options import DIRECTIONS, Options
from sync_engine.ports import ports
from sync_engine.stint import HandOver, Stint

__all__ = ["Options", "Result", "calls_of", "execute", "owner", "reap", "sentence_for", "tell"]
DEGRADED_OVER = 0.10
"""Share of failed records above which an integration is marked DEGRADED (R1)."""
ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (AuthError, " Enter new credentials for this integration, then sync again."),
    (Rejected, " Check the address and the settings of this integration."),
    (RateLimited, " Nothing was lost; sync again when the limit is free."),
    (Transient, " Nothing was lost; the next run tries again."),
)
"""What to do, after words that are the provider's own."""


@dataclass
class Result:
    """What came of a run. `handed_over` = it goes on in another task, which must be told of it."""

    run: JobExecution
    counters: Counter[str] = field(default_factory=Counter)
    error: str = ""
    failures: list[str] = field(default_factory=list)
    approvals: list[str] = field(default_factory=list)
    handed_over: bool = False

    @property
    def failed(self) -> bool:
        return bool(self.error or self.failures or self.counters["failed"])


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
    run = _start(integration, options)
    result = Result(run)
    ctx = _context(integration, options, run, progress)
    ctx.stint = stint or ctx.stint
    lease = f"{owner()}:{run.pk}"
    if relay.begun(run):
        relay.take_up(ctx, run, lease)
    ports().effect("run started")
    try:
        connector = connector or connect(integration, clock=ports().clock)
        result.handed_over = not _pipeline(ctx, connector, options, run, lease)
    except (ConnectorError, MappingError, LeaseHeld, LeaseLost) as error:
        result.error = relay.cancelled(run) or sentence_for(error)
        run.error_details = {"type": type(error).__name__, "status": getattr(error, "status", None)}
        run.scheduled_for = _resume_at(error)
    result.counters, result.failures = ctx.counters, ctx.failures
    result.approvals = list(dict.fromkeys(ctx.approvals))
    result.counters.update(Counter(calls_of(connector)))
    if result.handed_over:
        return result
    _finish(integration, run, ctx, result)
    ports().effect("run finished")
    return result


def calls_of(connector: Connector | None) -> dict[str, int]:
    """How often the provider was called and for how many milliseconds together; 0 where the connector never came
    to build a client."""
    client = vars(connector).get("client") if connector is not None else None
    calls, seconds = (client.calls, client.seconds) if client is not None else (0, 0.0)
    return {"api_calls": int(calls), "api_ms": round(seconds * 1000)}


def sentence_for(error: Exception) -> str:
    """What went wrong and what to do, for a person."""
    if isinstance(error, MappingError):
        return f"The mapping cannot be used: {error}"
    advice = next((words for kind, words in ADVICE if isinstance(error, kind) and getattr(error, "status", None)), "")
    return f"{getattr(error, 'message', '') or error}{advice}"


def _resume_at(error: Exception) -> datetime | None:
    """When a spent limit is free again, for people to see."""
    if isinstance(error, RateLimited) and error.retry_after:
        from datetime import timedelta

        return ports().clock.now() + timedelta(seconds=error.retry_after)
    return None


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
    """The next stint of a run: its counters, its start and its cause stay."""
    run.status, run.scheduled_for, run.lease_owner = JobStatus.RUNNING, None, owner()
    run.lease_until = ports().clock.now() + SPAN
    run.save(update_fields=["status", "scheduled_for", "lease_owner", "lease_until"])
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
        raise ConfigError(f"'{ctx.integration.name}' is {ctx.integration.status.lower()}. Resume it to sync.")
    if not options.dry_run and not options.plan and (waits := first_sync.sentence(ctx.integration)):
        raise ConfigError(waits)
    pull, push = DIRECTIONS[options.direction]
    made = build.shapes(ctx.integration, connector, resource_types=options.resource_types, pull=pull, push=push)
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


def _finish(integration: Integration, run: JobExecution, ctx: Context, result: Result) -> None:
    """The verdict, on the run and on the integration."""
    now = ports().clock.now()
    run.completed_at = now
    run.duration_ms = max(0, int((now - run.started_at).total_seconds() * 1000))
    run.status = _status(ctx, result)
    run.error_message = result.error or "\n".join([*result.approvals, *dict.fromkeys(result.failures)])
    run.progress = {"planned": ctx.gate.filed} if isinstance(ctx.gate, PlanGate) else {}
    if ctx.stint.number > 1:
        run.progress["stints"] = ctx.stint.number
    run.lease_until = None
    with transaction.atomic():
        run.save(
            update_fields=[
                "completed_at",
                "duration_ms",
                "status",
                "error_message",
                "error_details",
                "progress",
                "lease_until",
                "scheduled_for",
            ]
        )
        _add_calls(run, {name: result.counters[name] for name in ("api_calls", "api_ms")})
        if ctx.gate.writes and not _stood_back(result):
            _verdict_on_integration(integration, result, now)
        tell(run)


def tell(run: JobExecution) -> None:
    """The news of a run's end, once it is committed."""
    transaction.on_commit(lambda: run_finished.send_robust(sender=JobExecution, run=run, integration=run.integration))


def _add_calls(run: JobExecution, calls: dict[str, int]) -> None:
    run.refresh_from_db(fields=["counters", "total_records", "success_count", "error_count", "conflict_count"])
    run.counters.update(calls)
    run.save(update_fields=["counters"])


def _status(ctx: Context, result: Result) -> str:
    if _stood_back(result):
        return JobStatus.CANCELLED
    if result.error:
        return JobStatus.FAILED
    if result.approvals or isinstance(ctx.gate, PlanGate):
        return JobStatus.AWAITING_APPROVAL
    return JobStatus.COMPLETED


def _stood_back(result: Result) -> bool:
    """Another worker was at it: nothing is wrong with the integration."""
    details = result.run.error_details or {}
    return details.get("type") in (LeaseHeld.__name__, LeaseLost.__name__)


def _verdict_on_integration(integration: Integration, result: Result, now: datetime) -> None:
    integration.last_sync_at = now
    if result.error:
        integration.last_error_at, integration.last_error_message = now, result.error
        if result.run.error_details and result.run.error_details["type"] == AuthError.__name__:
            integration.status = IntegrationStatus.ERROR
    else:
        integration.last_success_at = now
        integration.status = _health(integration.status, result.counters)
    integration.save(
        update_fields=["last_sync_at", "last_success_at", "last_error_at", "last_error_message", "status", "updated_at"]
    )


def _health(status: str, counters: Counter[str]) -> str:
    failed, total = counters["failed"], counters["records"] + counters["pushed"]
    if total and failed / total > DEGRADED_OVER:
        return IntegrationStatus.DEGRADED
    return IntegrationStatus.ACTIVE if status in (IntegrationStatus.DEGRADED, IntegrationStatus.ERROR) else status


def reap() -> list[JobExecution]:
    """Runs whose worker died: marked as failed, and a new run made that goes on at the checkpoint."""
    now = ports().clock.now()
    risen = []
    with transaction.atomic():
        dead = JobExecution.objects.select_for_update(skip_locked=True).filter(
            status=JobStatus.RUNNING, lease_until__lt=now
        )
        for run in dead:
            run.status, run.completed_at, run.lease_until = JobStatus.FAILED, now, None
            run.error_message = "The worker stopped in the middle of this run; it is resumed by another run."
            run.save(update_fields=["status", "completed_at", "lease_until", "error_message"])
            tell(run)
            risen.append(
                JobExecution.objects.create(
                    id=ports().ids.new(),
                    integration=run.integration,
                    job_type=run.job_type if run.job_type == JobType.INITIAL_IMPORT else JobType.RETRY,
                    status=JobStatus.PENDING,
                    started_at=now,
                    scheduled_for=now,
                    options=run.options,
                    plan=run.plan,
                    progress=run.progress,
                    cause=f"resumes run {run.pk}",
                )
            )
    return risen
