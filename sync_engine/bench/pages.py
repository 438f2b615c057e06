"""Time in the database and number of statements of every main page, on a big installation. Each page is asked as a
browser asks it, signed in; the times are of the statements as this process sees them, the answers read."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from conflicts.models import ConflictResolution
from integrations.models import IntegrationMapping, SyncLog
from jobs_boards.models import Item, Job
from records.models import Membership
from records.roles import ROLES
from sync_engine.bench.pages_world import World, fill
from sync_engine.bench.stage import clear
from sync_engine.ports import ports

PERSON = "bench-of-pages"
ROUNDS = 5


@dataclass(slots=True)
class Clock:
    """Counts statements and their time while it is installed."""

    statements: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - begun


@dataclass(frozen=True)
class Figure:
    """Milliseconds in the database, the median of `ROUNDS`."""

    page: str
    ms: float
    statements: int


def figures(links: int, logs: int) -> Iterator[Figure]:
    """The organization `bench` is made anew and removed."""
    try:
        yield from measure(fill(links, logs))
    finally:
        clear()


def measure(world: World) -> Iterator[Figure]:
    client = _client(world)
    try:
        for page, address in addresses(world).items():
            yield _measured(client, page, address)
    finally:
        User.objects.filter(username=PERSON).delete()


def _client(world: World) -> Client:
    """A steward of the organization."""
    person, _new = User.objects.get_or_create(username=PERSON, defaults={"is_staff": True})
    person.groups.set([Group.objects.get_or_create(name=ROLES[0])[0]])
    Membership.objects.get_or_create(user=person, organization=world.organization)
    hosts = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    client = Client(headers={"host": hosts[0] if hosts else "localhost"})
    client.force_login(person)
    return client


def _measured(client: Client, page: str, address: str) -> Figure:
    _asked(client, address)  # what a process reads once is read here
    clocks = [_asked(client, address) for _ in range(ROUNDS)]
    ms = statistics.median(one.seconds for one in clocks) * 1000
    return Figure(page, ms, max(one.statements for one in clocks))


def _asked(client: Client, address: str) -> Clock:
    clock = Clock()
    with connection.execute_wrapper(clock):
        answer = client.get(address, secure=settings.SECURE_SSL_REDIRECT)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}.")
    return clock


def addresses(world: World) -> dict[str, str]:
    """What the page is called, and where it is."""
    one = world.integration.pk
    deep = SyncLog.objects.filter(integration=one).order_by("pk").values_list("pk", flat=True)[1_000:1_001].get()
    link = IntegrationMapping.objects.filter(integration=one).order_by("pk")[:1].get()
    case = ConflictResolution.objects.filter(status="PENDING").order_by("-created_at")[:1].get()
    logs, tab = reverse("console:logs"), reverse("console:integration_logs", args=[one])
    quiet = reverse("console:integration_logs", args=[world.paused.pk])
    links = reverse("console:integration_mappings", args=[one])
    board = reverse("console:board", args=[world.board.pk])
    of_one = ("rules", "conflicts", "deliveries", "runs", "settings")
    run = world.integration.job_executions.order_by("-started_at")[:1].get()
    day = (ports().clock.now() - timedelta(days=10)).date().isoformat()
    return {
        "dashboard": reverse("console:dashboard"),
        "integrations": reverse("console:integrations"),
        "integration": reverse("console:integration", args=[one]),
        **{f"integration, {name}": reverse(f"console:integration_{name}", args=[one]) for name in of_one},
        "integration, mappings": links,
        "integration, mappings in trouble": f"{links}?status=ERROR",
        "integration, mapping by id": f"{links}?record={link.external_id}",
        "logs": logs,
        "logs, failed": f"{logs}?status=FAILED",
        "logs, creates of a day": f"{logs}?operation=CREATE&since={day}&until={day}",
        "logs, nothing fits": f"{logs}?operation=DELETE",
        "logs, one record": f"{logs}?record={link.external_id}",
        "integration, logs": tab,
        "integration, logs at the far end": f"{tab}?before={deep}",
        "integration, failed logs": f"{tab}?status=FAILED",
        "paused integration": reverse("console:integration", args=[world.paused.pk]),
        "paused integration, logs": quiet,
        "paused integration, nothing fits": f"{quiet}?operation=DELETE",
        "log entry": reverse("console:log", args=[deep]),
        "conflicts": reverse("console:conflicts"),
        "conflicts, decided": reverse("console:conflicts") + "?status=RESOLVED",
        "conflict": reverse("console:conflict", args=[case.pk]),
        "suggestions": reverse("console:conflicts_suggestions"),
        "runs": reverse("console:runs"),
        "runs, failed": reverse("console:runs") + "?status=FAILED",
        "run": reverse("console:run", args=[run.pk]),
        "record": reverse("console:explain", args=["task", link.internal_id]),
        "boards": reverse("console:boards"),
        "board": board,
        "board as a table": f"{board}?view=table",
        "board item": reverse("console:item", args=[Item.objects.order_by("pk")[:1].get().pk]),
        "jobs": reverse("console:jobs"),
        "job": reverse("console:job", args=[Job.objects.order_by("pk")[:1].get().pk]),
        "rules": reverse("console:rules"),
        "outgoing webhooks": reverse("console:hooks"),
    }
