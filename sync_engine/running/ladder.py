"""R1's retry policy.

    failure of a run                           what follows
    5xx, timeout, no connection, 429           a RETRY row 1, 2, 4, 8, 16 minutes later, not before `Retry-After`
    our own share of the limit is used up      a RETRY row when it is free again; it does not count as one of the five
    any other 4xx, settings, mapping           ERROR at once
    the fifth retry fails as well              ERROR

In ERROR nothing starts by itself until somebody re-enables the integration. One retry at a time waits per
integration; what fails meanwhile is added to it, and until its time the provider is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base.errors import AuthError, ConfigError, RateLimited, Rejected
from integrations.enums import RUNNABLE, IntegrationStatus, JobStatus, JobType
from integrations.mapping.errors import MappingError
from integrations.models import Integration, JobExecution
from sync_engine.running import filed
from sync_engine.running.options import Options

LASTING = (AuthError, ConfigError, Rejected, MappingError)
"""Somebody must do something; asking again would be answered the same."""
LONGEST = timedelta(hours=24)
"""A provider that asks for a longer pause is asked again after this."""


class NotNow(ConfigError):
    """We ourselves do not let the integration run: it is paused, or a person must look first. Nothing is wrong."""


def backoff(retry_count: int) -> timedelta:
    """R1's calculateBackoff: how long after a failure the next retry comes, by how many there were."""
    return timedelta(minutes=2**retry_count)


def pause(retry_count: int, problem: Exception) -> timedelta:
    """How long the provider is left alone after this failure."""
    asked = timedelta(seconds=getattr(problem, "retry_after", None) or 0)
    return min(asked, LONGEST) if ours(problem) else max(backoff(retry_count), min(asked, LONGEST))


def ours(problem: Exception) -> bool:
    """Our own budget said no, before the provider had to."""
    return isinstance(problem, RateLimited) and problem.status is None and problem.retry_after is not None


def lasting(problem: Exception) -> bool:
    return isinstance(problem, LASTING)


def after_failure(
    integration: Integration, run: JobExecution, problem: Exception, now: datetime, came: dict[str, Any] | None = None
) -> str:
    """Files the next retry or gives up. Returns the status of the integration, and completes the run's sentence.
    `came` = how far the run came. Part of the transaction of the verdict, with the integration's row locked."""
    if integration.status not in RUNNABLE or isinstance(problem, NotNow):
        return integration.status
    if lasting(problem):
        return _give_up(integration, run, now)
    if run.retry_count >= run.max_retries and not ours(problem):
        run.error_message += f" Given up after {run.max_retries} retries; re-enable the integration to go on."
        return _give_up(integration, run, now)
    retry = _file(integration, run, problem, now, came or {})
    assert retry.scheduled_for is not None
    run.error_details = {
        **(run.error_details or {}),
        "retryId": str(retry.pk),
        "retryAt": retry.scheduled_for.isoformat(),
    }
    return integration.status


def _file(
    integration: Integration, run: JobExecution, problem: Exception, now: datetime, came: dict[str, Any]
) -> JobExecution:
    count = run.retry_count + (0 if ours(problem) else 1)
    cause = f"retry {count} of {run.max_retries} after run {run.pk}"
    asked = Options.of(run, job_type=JobType.RETRY, cause=cause)
    at = now + pause(run.retry_count, problem)
    run.error_message += f" Retry {count} of {run.max_retries} at {at:%H:%M} UTC."
    return filed.retry(integration, asked, at, run, count, came)


def after_death(integration: Integration, run: JobExecution, now: datetime) -> JobExecution | None:
    """Files the run that goes on where a worker died: at once the first time and as long as workers get on, then by
    the steps of the ladder, because a record may be what kills them. None where it is given up."""
    got_on = run.total_records > 0
    count = run.retry_count if got_on else run.retry_count + 1
    if count > run.max_retries:
        run.error_message += f" Given up after {run.max_retries} retries; re-enable the integration to go on."
        integration.status = _give_up(integration, run, now)
        integration.last_error_at, integration.last_error_message = now, run.error_message
        integration.save(update_fields=["status", "last_error_at", "last_error_message", "updated_at"])
        return None
    at = now if got_on or count == 1 else now + backoff(count - 1)
    asked = Options.of(run, job_type=JobType.RETRY, cause=f"resumes run {run.pk}")
    return filed.retry(integration, asked, at, run, count, _left(run))


def rollback_after_death(run: JobExecution, now: datetime) -> JobExecution | None:
    """A rollback notes every write that it takes back, so it goes on as the run that it is; where a worker died at the
    same write before, by the steps of the ladder. None where it is over."""
    if not run.lease_owner:
        run.status = JobStatus.CANCELLED
    else:
        at = run.progress.get("at")
        run.retry_count = run.retry_count + 1 if at == run.progress.get("died_at") else 1
        run.progress["died_at"] = at
        run.status = JobStatus.PENDING if run.retry_count <= run.max_retries else JobStatus.FAILED
    run.lease_until = None
    if run.status == JobStatus.PENDING:
        run.scheduled_for = now if run.retry_count == 1 else now + backoff(run.retry_count - 1)
    else:
        run.completed_at = now
        run.error_message = run.error_message or (
            f"The worker stopped {run.retry_count} times at the same write. What was taken back by then stays so; "
            "'Try again' goes on there."
        )
    run.save(
        update_fields=["status", "retry_count", "progress", "lease_until", "scheduled_for", "completed_at",
                       "error_message"]
    )  # fmt: skip
    return run if run.status == JobStatus.PENDING else None


def _left(run: JobExecution) -> dict[str, Any]:
    """What a dead worker wrote down last. A first sync that was only looking looks again: its plan has died with it."""
    looking = run.job_type == JobType.INITIAL_IMPORT and not run.progress.get("looked")
    return {} if looking else going_on(run.progress)


def going_on(progress: Mapping[str, Any]) -> dict[str, Any]:
    """How far a run came, for the one that goes on with it. What was counted stays with the first; what was put off
    is looked at again."""
    if "stint" not in progress:
        return {}
    types = {key: {**place, "pushed": 0} for key, place in progress["types"].items()}
    approvals = progress.get("approvals", [])
    kept = {name: progress[name] for name in ("stint", "looked") if name in progress}
    return {**kept, "types": types, "approvals": approvals, "resumes": True}


def _give_up(integration: Integration, run: JobExecution, now: datetime) -> str:
    why = f"'{integration.name}' is in error and does not start by itself; re-enable it to go on."
    filed.cancel(filed.waiting_runs(integration), why, now)
    run.error_details = {
        **(run.error_details or {}),
        "attempts": [_attempt(one, run, now) for one in filed.history(run)],
    }
    return IntegrationStatus.ERROR


def _attempt(one: JobExecution, last: JobExecution, now: datetime) -> dict[str, Any]:
    shown = last if one.pk == last.pk else one
    details = shown.error_details or {}
    return {
        "run": str(shown.pk),
        "at": (shown.completed_at or now).isoformat(),
        "error": shown.error_message,
        "status": details.get("status"),
    }


def after_success(integration: Integration, asked: Options, run: JobExecution, now: datetime) -> None:
    """The provider answers again: a retry that waits is done with, or due at once."""
    for retry in filed.waiting_runs(integration).filter(job_type=JobType.RETRY, plan=None).exclude(pk=run.pk):
        if asked.covers(Options.of(retry)):
            filed.cancel([retry], f"Run {run.pk} went through and did its work.", now)
        else:
            retry.scheduled_for = now
            retry.save(update_fields=["scheduled_for"])


def retry_waiting(integration: Integration) -> JobExecution | None:
    """The retry that the integration waits for."""
    return filed.waiting_runs(integration).filter(job_type=JobType.RETRY).first()
