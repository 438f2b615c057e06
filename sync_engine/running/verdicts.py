"""The verdict on a run, and what follows for its integration: its status, the next retry, the news."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from connectors.base.errors import AuthError, ConnectorError, RateLimited, Rejected, Transient
from integrations.enums import IntegrationStatus, JobStatus, JobType, SyncDirection, SyncOperation, SyncStatus
from integrations.mapping.errors import MappingError
from integrations.models import Integration, JobExecution, SyncLog
from integrations.signals import run_finished
from sync_engine.context import Context
from sync_engine.gate import PlanGate
from sync_engine.ports import ports
from sync_engine.running import filed, ladder
from sync_engine.running.leases import LeaseHeld, LeaseLost
from sync_engine.running.options import Options

DEGRADED_OVER = 0.10
"""Share of failed records above which an integration is marked DEGRADED (R1)."""
BUSY = timedelta(minutes=1)
"""When a run that waited for another worker in vain tries again."""
ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (AuthError, " Enter new credentials for this integration, then sync again."),
    (Rejected, " Check the address and the settings of this integration."),
    (RateLimited, " Nothing was lost; sync again when the limit is free."),
    (Transient, " Nothing was lost; the next run tries again."),
)
"""What to do, after words that are the provider's own."""
WAYS = {
    "both": SyncDirection.BIDIRECTIONAL,
    "pull": SyncDirection.EXTERNAL_TO_LOCAL,
    "push": SyncDirection.LOCAL_TO_EXTERNAL,
}


@dataclass
class Result:
    """What came of a run. `problem` is the error behind `error`; `handed_over` = it goes on in another task, which
    must be told of it."""

    run: JobExecution
    counters: Counter[str] = field(default_factory=Counter)
    error: str = ""
    failures: list[str] = field(default_factory=list)
    approvals: list[str] = field(default_factory=list)
    problem: Exception | None = None
    handed_over: bool = False

    @property
    def failed(self) -> bool:
        return bool(self.error or self.failures or self.counters["failed"])

    @property
    def stood_back(self) -> bool:
        """Another worker was at it: nothing is wrong with the integration."""
        return isinstance(self.problem, LeaseHeld | LeaseLost)


def sentence_for(error: Exception) -> str:
    """What went wrong and what to do, for a person."""
    if isinstance(error, MappingError):
        return f"The mapping cannot be used: {error}"
    advice = next((words for kind, words in ADVICE if isinstance(error, kind) and getattr(error, "status", None)), "")
    said = str(getattr(error, "message", "") or error)
    return f"{said}{'' if not advice or said.endswith(('.', '!', '?')) else '.'}{advice}"


def pronounce(integration: Integration, ctx: Context, result: Result, asked: Options) -> None:
    """Writes the verdict on the run and on the integration, with whatever follows, in one transaction."""
    run, now = result.run, ports().clock.now()
    if isinstance(result.problem, LeaseHeld) and asked.run_id and run.job_type != JobType.MANUAL_SYNC:
        filed.put_back(run, now + BUSY)
        return
    run.completed_at = now
    run.duration_ms = max(0, int((now - run.started_at).total_seconds() * 1000))
    run.status = _status(ctx, result)
    run.error_message = result.error or "\n".join([*result.approvals, *dict.fromkeys(result.failures)])
    run.progress = {"planned": ctx.gate.filed} if isinstance(ctx.gate, PlanGate) else {}
    if ctx.stint.number > 1:
        run.progress["stints"] = ctx.stint.number
    run.lease_until = None
    with transaction.atomic():
        if (ctx.gate.writes or (asked.first and result.problem)) and not result.stood_back:
            _on_integration(integration, ctx, result, asked, now)
            result.error = run.error_message if result.problem else ""
        run.save(
            update_fields=[
                "completed_at", "duration_ms", "status", "error_message", "error_details", "progress", "lease_until",
            ]
        )  # fmt: skip
        _add_calls(run, {name: result.counters[name] for name in ("api_calls", "api_ms")})
        tell(run)


def failed_beside(integration: Integration, run: JobExecution, asked: Options, problem: Exception) -> None:
    """A run that does its own bookkeeping has failed: the ladder goes on from it."""
    now = ports().clock.now()
    with transaction.atomic():
        _lock(integration)
        run.options = asked.stored()
        run.error_details = {"type": type(problem).__name__, "status": getattr(problem, "status", None)}
        integration.status = ladder.after_failure(integration, run, problem, now)
        integration.last_error_at, integration.last_error_message = now, run.error_message
        run.save(update_fields=["options", "error_message", "error_details"])
        integration.save(update_fields=["last_error_at", "last_error_message", "status", "updated_at"])


def tell(run: JobExecution) -> None:
    """The news of a run's end, once it is committed."""
    transaction.on_commit(lambda: run_finished.send_robust(sender=JobExecution, run=run, integration=run.integration))


def _status(ctx: Context, result: Result) -> str:
    if result.stood_back:
        return JobStatus.CANCELLED
    if result.error:
        return JobStatus.FAILED
    if result.approvals or isinstance(ctx.gate, PlanGate):
        return JobStatus.AWAITING_APPROVAL
    return JobStatus.COMPLETED


def _add_calls(run: JobExecution, calls: dict[str, int]) -> None:
    run.refresh_from_db(fields=["counters", "total_records", "success_count", "error_count", "conflict_count"])
    run.counters.update(calls)
    run.save(update_fields=["counters"])


def _on_integration(integration: Integration, ctx: Context, result: Result, asked: Options, now: datetime) -> None:
    _lock(integration)
    integration.last_sync_at = now
    if result.problem is not None:
        integration.status = ladder.after_failure(
            integration, result.run, result.problem, now, ladder.going_on(ctx.stint.stored()) if ctx.gate.writes else {}
        )
        integration.last_error_at, integration.last_error_message = now, result.run.error_message
        _log(integration, ctx, result, asked, now)
    else:
        integration.last_success_at = now
        integration.status = _health(integration.status, result)
        if result.counters["api_calls"] and not result.failures:
            ladder.after_success(integration, asked, result.run, now)
        if result.run.retry_count:
            _log(integration, ctx, result, asked, now)
    integration.save(
        update_fields=["last_sync_at", "last_success_at", "last_error_at", "last_error_message", "status", "updated_at"]
    )


def _lock(integration: Integration) -> None:
    """Somebody may have paused it while the run was under way: the status is the stored one."""
    Integration.objects.select_for_update().only("pk").get(pk=integration.pk)
    integration.refresh_from_db(fields=["status"])


def _health(status: str, result: Result) -> str:
    """DEGRADED over a tenth of failed records. Those that were put off by a fault of the provider count as well."""
    counters, put_off = result.counters, len(result.failures)
    failed = counters["failed"] + put_off
    total = counters["records"] + counters["pushed"] + counters["refused"] + put_off
    if total and failed / total > DEGRADED_OVER:
        return IntegrationStatus.DEGRADED if status != IntegrationStatus.PAUSED else status
    return IntegrationStatus.ACTIVE if status in (IntegrationStatus.DEGRADED, IntegrationStatus.ERROR) else status


def _log(integration: Integration, ctx: Context, result: Result, asked: Options, now: datetime) -> None:
    """R1 logs each try of a run that failed, and the one that went through after all."""
    run, problem = result.run, result.problem
    SyncLog.objects.create(
        integration=integration,
        run=run,
        operation=SyncOperation.BULK_SYNC,
        direction=WAYS[asked.direction],
        resource_type=ctx.resource_type or next(iter(asked.resource_types), ""),
        status=SyncStatus.FAILED if problem else SyncStatus.SUCCESS,
        records_processed=run.total_records,
        records_succeeded=run.success_count,
        records_failed=run.error_count,
        failure=problem.code if isinstance(problem, ConnectorError) else "mapping" if problem else "",
        error_message=run.error_message if problem else "",
        http_status=getattr(problem, "status", None),
        duration_ms=run.duration_ms,
        retry_count=run.retry_count,
        cause=run.cause,
        created_at=now,
    )
