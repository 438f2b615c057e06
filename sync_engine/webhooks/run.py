"""The run behind a webhook: a row like any other run's, which stays only if something came of it."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from connectors.base.connector import Connector
from integrations import log_context
from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution
from sync_engine.context import Context
from sync_engine.ports import ports
from sync_engine.running import leases
from sync_engine.running.runs import calls_of, owner, tell
from sync_engine.shape import Shape

CAUSE = "webhook"
_IDLE = {"records", "skipped", "api_calls", "api_ms"}


class WebhookRun:
    """Takes and releases leases, ends with a verdict on the run. The integration's `last_sync_at` stays as it is,
    because only a listing finds what webhooks lost."""

    def __init__(self, integration: Integration) -> None:
        now = ports().clock.now()
        self.row = JobExecution.objects.create(
            id=ports().ids.new(),
            integration=integration,
            job_type=JobType.WEBHOOK_BATCH,
            status=JobStatus.RUNNING,
            started_at=now,
            cause=CAUSE,
            lease_owner=owner(),
            lease_until=now + leases.SPAN,
        )
        log_context.note(runId=str(self.row.pk))
        self.ctx = Context(integration=integration, run_id=str(self.row.pk), cause=CAUSE)
        self._owner = f"{owner()}:{self.row.pk}"

    def take(self, shape: Shape, patience: float = 0.0) -> None:
        """Raises `leases.LeaseHeld`."""
        leases.take_patiently(shape, self._owner, patience)
        self.ctx.assert_lease = lambda: leases.hold(shape, self._owner)

    def release(self, shape: Shape) -> None:
        leases.release(shape, self._owner)

    def finish(self, connector: Connector | None = None, error: str = "") -> bool:
        """Whether the run stays."""
        if not error and not set(+self.ctx.counters) - _IDLE:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM integrations_jobexecution WHERE id = %s", [self.row.pk])
            return False
        now = ports().clock.now()
        self.row.refresh_from_db()
        self.row.status = JobStatus.FAILED if error else JobStatus.COMPLETED
        self.row.error_message = error or "\n".join([*self.ctx.approvals, *dict.fromkeys(self.ctx.failures)])
        self.row.completed_at, self.row.lease_until = now, None
        self.row.duration_ms = max(0, int((now - self.row.started_at).total_seconds() * 1000))
        self.row.counters = {**self.row.counters, **calls_of(connector)}
        self.row.save(
            update_fields=["status", "error_message", "completed_at", "lease_until", "duration_ms", "counters"]
        )
        tell(self.row)
        return True

    @property
    def counters(self) -> Counter[str]:
        return self.ctx.counters
