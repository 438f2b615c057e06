"""A big installation without a provider: rows of every table that a page reads, multiplied in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import BigAutoField, Model

from conflicts.models import ConflictResolution
from integrations import health
from integrations.enums import JobStatus
from integrations.models import (
    ExternalChange,
    HealthSnapshot,
    Integration,
    IntegrationMapping,
    JobExecution,
    PendingChange,
    SyncLog,
    WebhookDelivery,
)
from integrations.services import create_integration
from jobs_boards import services as boards
from jobs_boards.models import Board, Item, Job
from records.models import Organization, Task
from sync_engine.bench.mapping import TASK
from sync_engine.bench.stage import NAME, SECRET, clear
from sync_engine.jobs.boards import connect_board
from sync_engine.ports import ports

INTEGRATIONS = 4
"""The first has the links and nine tenths of the logs; the last was paused after a tenth of the time."""
RUN_MINUTES, SNAPSHOT_MINUTES = 15, 5
DAYS, RUN_DAYS = 90, 365
"""Logs and snapshots are kept for 90 days, runs for ever."""
RANDOM = "gen_random_uuid()"


@dataclass(frozen=True)
class World:
    organization: Organization
    integration: Integration
    paused: Integration
    board: Board


def multiply(row: Model, times: int, /, **columns: str) -> None:
    """Copies of a row, made in SQL; `columns` are expressions of `n` (1 to `times`), all others are as in the row."""
    meta = row._meta
    auto = {field.column for field in meta.concrete_fields if isinstance(field, BigAutoField)}
    names = [str(field.column) for field in meta.concrete_fields if field.column not in auto]
    values = ", ".join(columns.get(name, f'pattern."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({listed}) SELECT {values} FROM {meta.db_table} AS pattern, "
            f"generate_series(1, {times}) AS n WHERE pattern.id = %s",
            [row.pk],
        )


def fill(links: int, logs: int) -> World:
    """The organization `bench`, made anew: what an office with `links` linked records has after a year, with `logs`
    rows of logs."""
    call_command("migrate", verbosity=0, interactive=False)
    clear()
    organization = Organization.objects.create(name=NAME, slug=NAME)
    made = [_integration(organization, number) for number in range(INTEGRATIONS)]
    for one in made:
        _runs(one)
        _snapshots(one)
    _logs(made, logs)
    _links(made[0], links)
    _queues(made[0], links // 20)
    _cases(made[0], links // 20)
    board = _board(organization, links // 10)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return World(organization, made[0], made[-1], board)


def _integration(organization: Organization, number: int) -> Integration:
    now = ports().clock.now()
    return create_integration(
        organization,
        name=f"Asana {number + 1}",
        type="ASANA",
        base_url="http://127.0.0.1:9/api/1.0",  # nobody is there: a page that asks the provider is refused at once
        auth_type="BEARER_TOKEN",
        credentials={"token": "none"},
        data_types=[],
        mappings={"task": TASK},
        settings={"project": "1100"},
        sync_frequency="EVERY_15MIN",
        webhook_secret={"current": SECRET},
        last_sync_at=now,
        last_success_at=now,
    )


def _runs(integration: Integration) -> None:
    """One every quarter of an hour, each hundredth of them failed."""
    now = ports().clock.now()
    run = JobExecution.objects.create(
        integration=integration, status=JobStatus.COMPLETED, job_type="SCHEDULED_SYNC", started_at=now,
        completed_at=now, duration_ms=1_200, total_records=10, success_count=10,
        counters={"pulled": 8, "pushed": 2, "api_calls": 3, "api_ms": 900},
    )  # fmt: skip
    ago = f"now() - n * interval '{RUN_MINUTES} minutes'"
    number = RUN_DAYS * 24 * 60 // RUN_MINUTES
    status = "CASE WHEN mod(n, 100) = 0 THEN 'FAILED' ELSE 'COMPLETED' END"
    multiply(run, number, id=RANDOM, started_at=ago, completed_at=ago, status=status)


def _logs(integrations: Sequence[Integration], number: int) -> None:
    """In the order of their time; 1 % failed."""
    first, *others, paused = (f"'{one.pk}'::uuid" for one in integrations)
    now = ports().clock.now() - timedelta(days=DAYS)
    log = SyncLog.objects.create(
        integration=integrations[0], run=integrations[0].job_executions.order_by("-started_at").first(),
        operation="UPDATE", direction="EXTERNAL_TO_LOCAL", resource_type="task", resource_id="", external_id="",
        status="SUCCESS", duration_ms=12, cause="schedule", before={"title": "Task"}, after={"title": "Task, changed"},
        created_at=now,
    )  # fmt: skip
    others_turn = " ".join(f"WHEN {turn} THEN {one}" for turn, one in enumerate(others))
    multiply(
        log,
        number,
        integration_id=f"CASE WHEN n < {number // 10} AND mod(n, 3) = 0 THEN {paused} "
        f"ELSE CASE mod(n, 20) {others_turn} ELSE {first} END END",
        resource_id=f"{RANDOM}::text",
        external_id="'gid-' || n",
        status="CASE WHEN mod(n, 100) = 0 THEN 'FAILED' ELSE 'SUCCESS' END",
        error_message="CASE WHEN mod(n, 100) = 0 THEN 'name: Not today' ELSE '' END",
        operation="CASE WHEN mod(n, 10) = 0 THEN 'CREATE' ELSE 'UPDATE' END",
        created_at=f"pattern.created_at + n * interval '{DAYS} days' / {number}",
    )


def _snapshots(integration: Integration) -> None:
    now = ports().clock.now()
    health.check(integration, now)
    snapshot = HealthSnapshot.objects.get(integration=integration)
    ago = f"now() - n * interval '{SNAPSHOT_MINUTES} minutes'"
    multiply(snapshot, DAYS * 24 * 60 // SNAPSHOT_MINUTES, taken_at=ago)


def _links(integration: Integration, number: int) -> None:
    """Tasks with their links; 1 % are in trouble."""
    now = ports().clock.now()
    task = Task.objects.create(organization=integration.organization, title="Task")
    multiply(task, number, id=RANDOM, title="'Task ' || n")
    link = IntegrationMapping.objects.create(
        integration=integration, resource_type="task", internal_id=task.pk, external_id="gid", last_synced_at=now,
        created_at=now, local_base={"title": "Task"}, external_base={"name": "Task"},
    )  # fmt: skip
    trouble = "CASE WHEN mod(n, 100) = 0 THEN 'ERROR' ELSE 'SYNCED' END"
    multiply(link, number, internal_id=RANDOM, external_id="'gid-' || n", sync_status=trouble)


def _queues(integration: Integration, number: int) -> None:
    now = ports().clock.now()
    shared: dict[str, Any] = {"integration": integration, "resource_type": "task", "created_at": now}
    multiply(PendingChange.objects.create(internal_id=integration.pk, **shared), number, internal_id=RANDOM)
    multiply(ExternalChange.objects.create(external_id="x", **shared), number, external_id="'x-' || n")
    delivery = WebhookDelivery.objects.create(
        integration=integration, received_at=now, method="POST", verdict="ACCEPTED", status="PROCESSED"
    )
    multiply(delivery, number * 10, key="'key-' || n")


def _cases(integration: Integration, number: int) -> None:
    """Open ones, and four times as many that were decided."""
    now, link = ports().clock.now(), integration.mappings.order_by("pk")[:1].get()
    case = ConflictResolution.objects.create(
        integration=integration, resource_type="task", resource_id=str(link.internal_id), external_id=link.external_id,
        conflicted_fields=["title"], local_data={"title": "here"}, external_data={"title": "there"},
        base_data={"title": "Paint"}, created_at=now, updated_at=now,
    )  # fmt: skip
    ago = f"now() - n * interval '{DAYS} days' / {4 * number}"
    multiply(case, number, id=RANDOM, resource_id=f"{RANDOM}::text", created_at=ago)
    decided = {"status": "'RESOLVED'", "resolved_at": ago, "resolved_by": "'somebody'"}
    multiply(case, 4 * number, id=RANDOM, resource_id=f"{RANDOM}::text", created_at=ago, **decided)


def _board(organization: Organization, number: int) -> Board:
    boards.seed_statuses(organization)
    board = boards.active_jobs_board(organization)
    connect_board(board)
    job = Job.objects.create(organization=organization, title="Attic", number="J", status="In Production")
    multiply(job, number, id=RANDOM, title="'Attic ' || n", number="'J-' || n")
    item = Item.objects.create(organization=organization, board=board, name="Attic", status="In Production")
    status = "CASE mod(n, 3) WHEN 0 THEN 'Complete' ELSE 'In Production' END"
    multiply(item, number, id=RANDOM, name="'Attic ' || n", status=status)
    return board
