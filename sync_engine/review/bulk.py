"""Many conflicts decided by one rule: prepared as a list of writes, approved by a person, carried out by a worker.

    file -> PLANNING -> (worker: both sides of every case are read, its writes computed) -> READY
    approve -> APPLYING -> (worker: one decision per case, on the very state that was previewed) -> DONE

A case that has moved since is dropped and listed; one that cannot be decided is listed with the reason. A worker that
dies leaves its steps as they are: another one goes on with what is still planned.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Count
from kombu.exceptions import OperationalError

from conflicts import selectors
from conflicts.models import BulkDecision, BulkStep, ConflictResolution
from conflicts.selectors import Wanted
from connectors.base.connector import Connector
from connectors.base.errors import AuthError, ConfigError, ConnectorError, RateLimited
from integrations.connect import connect
from integrations.enums import JobStatus, JobType
from integrations.mapping.errors import ConversionError, MappingError
from integrations.models import Integration, JobExecution
from records.services import InvalidValues, RecordNotFound
from sync_engine.ports import ports
from sync_engine.review import decisions
from sync_engine.review.bulk_plan import planned
from sync_engine.review.standing import NotLinked
from sync_engine.running.leases import SPAN, LeaseHeld
from sync_engine.running.runs import owner, sentence_for

LOG = logging.getLogger(__name__)
Status, State = BulkDecision.Status, BulkStep.State
LIMIT = 1_000
"""Cases of one bulk decision; of more, the newest are taken, and the rest by the next one."""
CHUNK = 50
STINT = 480.0
"""Seconds after which a worker hands over, well within the time that a task may take."""
PATIENCE = 20.0
MOVED = (decisions.ConflictMoved, decisions.AlreadyDecided, NotLinked, RecordNotFound)
REFUSED = (decisions.CannotDecide, InvalidValues, ConversionError, LeaseHeld)
FATAL = (AuthError, ConfigError, RateLimited, MappingError)
"""No further case would fare better."""


class NotReady(Exception):
    """There is nothing to approve, or nothing to cancel, any more."""


def file(integration: Integration, wanted: Wanted, rule: str, *, push: bool, by: str) -> BulkDecision:
    """Chosen cases and what is to be done with them; a worker prepares the list of writes."""
    now = ports().clock.now()
    chosen = BulkDecision.objects.create(
        integration=integration,
        rule=rule,
        push=push,
        wanted=replace(wanted.of(integration), status=ConflictResolution.Status.PENDING).stored(),
        asked_by=by,
        heartbeat=now,
        created_at=now,
    )
    transaction.on_commit(lambda: queue(chosen))
    return chosen


def approve(bulk: BulkDecision, by: str) -> JobExecution:
    """The run that carries it out; after an error, the same run goes on with what is still planned. Of two people who
    approve at once the second is told. Raises `NotReady`."""
    now = ports().clock.now()
    with transaction.atomic():
        held = BulkDecision.objects.select_for_update().get(pk=bulk.pk)
        if held.status == Status.FAILED and held.run is not None:
            held.run.status, held.run.completed_at, held.run.error_message = JobStatus.RUNNING, None, ""
            held.run.save(update_fields=["status", "completed_at", "error_message"])
        elif held.status == Status.READY:
            held.run = _filed(held, by, now)
        else:
            raise NotReady(f"This is {held.get_status_display().lower()}: there is nothing to approve.")
        held.status, held.heartbeat, held.asked_by, held.error = Status.APPLYING, now, by, ""
        held.save(update_fields=["run", "status", "heartbeat", "asked_by", "error"])
    transaction.on_commit(lambda: queue(held))
    bulk.refresh_from_db()
    return held.run


def _filed(bulk: BulkDecision, by: str, now: datetime) -> JobExecution:
    return JobExecution.objects.create(
        id=ports().ids.new(),
        integration=bulk.integration,
        job_type=JobType.DECISIONS,
        status=JobStatus.RUNNING,
        started_at=now,
        options={"bulkDecision": str(bulk.pk), "rule": bulk.rule, "push": bulk.push},
        cause=f"decided by {by}",
    )


def cancel(bulk: BulkDecision) -> None:
    """What was decided so far stays; the rest is left as it is. Raises `NotReady`."""
    open_still = (Status.PLANNING, Status.READY, Status.APPLYING)
    if not BulkDecision.objects.filter(pk=bulk.pk, status__in=open_still).update(status=Status.CANCELLED):
        raise NotReady("This is over already.")
    bulk.refresh_from_db()
    if bulk.run is not None:
        _end(bulk, JobStatus.CANCELLED)


def queue(bulk: BulkDecision) -> None:
    """Hands it to a worker; should the queue be away, `left_behind` finds it."""
    from sync_engine import tasks

    try:
        tasks.decide_many.apply_async(args=[str(bulk.pk)], retry=False)
    except OperationalError as error:
        LOG.warning("Decisions %s wait for the schedule: the queue cannot be reached (%s)", bulk.pk, error)


def left_behind() -> list[str]:
    """Those that no worker is at, though one should be."""
    stale = ports().clock.now() - SPAN
    waiting = BulkDecision.objects.filter(status__in=(Status.PLANNING, Status.APPLYING), heartbeat__lt=stale)
    return [str(pk) for pk in waiting.values_list("pk", flat=True)]


def work(bulk_id: str, *, connector: Connector | None = None) -> str | None:
    """Prepares or carries out, in this process. None where another worker is at it, or nothing is left to do."""
    bulk = _claim(bulk_id)
    if bulk is None:
        return None
    try:
        # One for all cases, and a patient one: nobody waits for a single answer here.
        connector = connector or connect(bulk.integration, clock=ports().clock)
        if bulk.status == Status.PLANNING:
            _plan(bulk, connector)
        else:
            _apply(bulk, connector)
    except (ConnectorError, MappingError) as error:
        _failed(bulk, sentence_for(error))
    finally:
        BulkDecision.objects.filter(pk=bulk.pk, worker=bulk.worker).update(worker="")
    return str(bulk.pk)


def _claim(bulk_id: str) -> BulkDecision | None:
    now = ports().clock.now()
    with transaction.atomic():
        held = BulkDecision.objects.select_for_update().filter(pk=bulk_id).first()
        if held is None or held.status not in (Status.PLANNING, Status.APPLYING):
            return None
        if held.worker and held.heartbeat > now - SPAN:
            return None
        held.worker, held.heartbeat = f"{owner()}:{ports().ids.new()}", now
        held.save(update_fields=["worker", "heartbeat"])
    return held


def _beat(bulk: BulkDecision) -> bool:
    """Still ours, and nobody cancelled it?"""
    mine = BulkDecision.objects.filter(pk=bulk.pk, worker=bulk.worker, status=bulk.status)
    return bool(mine.update(heartbeat=ports().clock.now()))


def _plan(bulk: BulkDecision, connector: Connector | None) -> None:
    """Begins anew where an earlier worker stopped: nothing was written."""
    bulk.steps.all().delete()
    for group in _chunks(_chosen(bulk)):
        steps = list(planned(bulk, group, connector))
        if not _beat(bulk):
            return
        BulkStep.objects.bulk_create(steps)
    total = bulk.steps.count()
    BulkDecision.objects.filter(pk=bulk.pk, worker=bulk.worker, status=Status.PLANNING).update(
        status=Status.READY, total=total
    )


def _chosen(bulk: BulkDecision) -> list[ConflictResolution]:
    wanted = Wanted(**bulk.wanted)
    cases = ConflictResolution.objects.filter(integration=bulk.integration, status=ConflictResolution.Status.PENDING)
    found = selectors.matching(cases.select_related("integration"), wanted, bulk.created_at)[:LIMIT]
    return sorted(found, key=lambda case: case.resource_type)


def _chunks(cases: Iterable[ConflictResolution]) -> Iterable[list[ConflictResolution]]:
    for _, group in groupby(cases, key=lambda case: case.resource_type):
        listed = list(group)
        for start in range(0, len(listed), CHUNK):
            yield listed[start : start + CHUNK]


def _apply(bulk: BulkDecision, connector: Connector | None) -> None:
    clock = ports().clock
    end = clock.monotonic() + STINT
    waiting = bulk.steps.filter(state=State.PLANNED).select_related("conflict__integration").order_by("id")
    for step in waiting.iterator(chunk_size=CHUNK):
        if not _beat(bulk):
            return
        if clock.monotonic() >= end:
            BulkDecision.objects.filter(pk=bulk.pk, worker=bulk.worker).update(worker="")
            queue(bulk)
            return
        _decide(bulk, step, connector)
        step.save(update_fields=["state", "sentence"])
    BulkDecision.objects.filter(pk=bulk.pk, worker=bulk.worker, status=Status.APPLYING).update(status=Status.DONE)
    _end(bulk, JobStatus.COMPLETED)


def _decide(bulk: BulkDecision, step: BulkStep, connector: Connector | None) -> None:
    """One case. Raises what no further case would survive either."""
    try:
        decisions.resolve(
            step.conflict,
            strategy=step.strategy,
            values=step.values,
            resolved_by=bulk.asked_by,
            push=bulk.push,
            seen=step.token,
            patience=PATIENCE,
            run_id=None if bulk.run_id is None else str(bulk.run_id),
            connector=connector,
        )
    except MOVED as error:
        done = isinstance(error, decisions.AlreadyDecided) and _by_this(bulk, step)
        step.state, step.sentence = (State.APPLIED, "") if done else (State.STALE, str(error))
    except REFUSED as error:
        step.state, step.sentence = State.FAILED, str(error)
    except FATAL:
        raise
    except ConnectorError as error:
        step.state, step.sentence = State.FAILED, sentence_for(error)
    else:
        step.state = State.APPLIED


def _by_this(bulk: BulkDecision, step: BulkStep) -> bool:
    """Was it a worker of this very decision, that died before it could note it down?"""
    case, run = step.conflict, bulk.run
    case.refresh_from_db()
    if run is None or case.resolved_at is None or case.resolved_by != bulk.asked_by:
        return False
    return case.resolution_strategy == step.strategy and case.resolved_at >= run.started_at


def _failed(bulk: BulkDecision, sentence: str) -> None:
    BulkDecision.objects.filter(pk=bulk.pk).update(status=Status.FAILED, error=sentence)
    _end(bulk, JobStatus.FAILED, sentence)


def counts(bulk: BulkDecision) -> Counter[str]:
    """Steps by state."""
    rows = bulk.steps.order_by().values_list("state").annotate(number=Count("pk"))
    return Counter({str(state): number for state, number in rows})


def _end(bulk: BulkDecision, status: str, sentence: str = "") -> None:
    """The verdict on the run, in R1's counters."""
    if bulk.run_id is None:
        return
    found, now = counts(bulk), ports().clock.now()
    run = JobExecution.objects.get(pk=bulk.run_id)
    listed: list[dict[str, Any]] = [
        {"record": step.conflict.resource_id, "state": step.state, "message": step.sentence}
        for step in bulk.steps.filter(state__in=(State.STALE, State.FAILED)).select_related("conflict")[:LIMIT]
    ]
    run.status, run.completed_at, run.lease_until = status, now, None
    run.duration_ms = int((now - run.started_at).total_seconds() * 1000)
    run.total_records, run.success_count, run.error_count = sum(found.values()), found["APPLIED"], found["FAILED"]
    run.counters = {**run.counters, "resolved": found["APPLIED"], "stale": found["STALE"], "failed": found["FAILED"]}
    run.error_message, run.error_details = sentence, {"records": listed} if listed else None
    run.save()
