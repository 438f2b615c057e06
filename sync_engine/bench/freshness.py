"""From a change at the provider to our committed record, through everything: the processes of the Procfile, and Asana's
twin, which calls our web server with signed webhooks while a person edits its tasks at a steady pace."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from connectors.asana.sandbox.twin import PROJECT
from connectors.base.sandbox.server import free_port
from integrations.models import Integration, IntegrationMapping
from integrations.services import create_integration
from integrations.webhooks.registration import subscribe
from records.models import Organization
from sync_engine.bench import stage
from sync_engine.bench.measure import Failed
from sync_engine.demo.hand import Hand
from sync_engine.demo.processes import running
from sync_engine.ports import ports
from sync_engine.running import runs, timetable

A_SECOND, SECONDS = 20, 30
TASKS = 1_000
LOOKS = 0.005
"""Seconds between two looks at our records, by which a figure may be too high."""
PATIENCE = 60.0


@dataclass(frozen=True)
class Fresh:
    """Milliseconds from right before the change to its being seen in the database."""

    p50: float
    p99: float
    worst: float
    edits: int
    per_second: float


def measure() -> Fresh:
    call_command("migrate", verbosity=0, interactive=False)
    stage.clear()
    timetable.install()
    port, sandbox = free_port(), free_port()
    settings.ALLOW_PRIVATE_HOSTS, settings.WEBHOOK_BASE_URL = True, f"http://127.0.0.1:{port}"
    with running(settings.BASE_DIR, settings.VAR_DIR / "bench", port=port, sandbox=sandbox):
        hand = Hand(f"http://127.0.0.1:{sandbox}", "asana")
        hand.fill(TASKS)
        integration = _integration(f"http://127.0.0.1:{sandbox}/asana/api/1.0")
        if runs.execute(integration, runs.Options(direction="pull")).failed:
            raise Failed("The first sync failed.")
        subscribe(integration, clock=ports().clock)
        _edited(hand, integration, A_SECOND)  # a second for warming up
        return _edited(hand, integration, A_SECOND * SECONDS)


def _integration(base_url: str) -> Integration:
    return create_integration(
        Organization.objects.create(name=stage.NAME, slug=stage.NAME),
        name=stage.NAME,
        type="ASANA",
        base_url=base_url,
        auth_type="BEARER_TOKEN",
        credentials={"token": "sandbox-token"},
        data_types=["TASKS"],
        settings={"project": PROJECT},
        sync_frequency="MANUAL",
    )


def _edited(hand: Hand, integration: Integration, count: int) -> Fresh:
    """`count` edits, each of another task as far as there are as many."""
    clock = ports().clock
    links = IntegrationMapping.objects.filter(integration=integration, resource_type="task")
    gids = list(links.values_list("external_id", flat=True)[:count])
    began, changed = clock.monotonic(), dict[str, float]()
    with _watching(str(integration.organization_id), changed) as seen:
        for number in range(count):
            clock.sleep(max(0.0, began + number / A_SECOND - clock.monotonic()))
            title = f"Edit {number} of {count}"
            changed[title] = clock.monotonic()
            hand.edit("tasks", gids[number % len(gids)], name=title)
        took = clock.monotonic() - began
        end = clock.monotonic() + PATIENCE
        while len(seen) < count:
            if clock.monotonic() > end:
                raise Failed(f"{count - len(seen)} of {count} edits did not come within {PATIENCE:.0f} s.")
            clock.sleep(LOOKS)
    waits = sorted((seen[title] - at) * 1000 for title, at in changed.items())
    p99 = statistics.quantiles(waits, n=100)[98]
    return Fresh(statistics.median(waits), p99, waits[-1], count, count / took)


@contextmanager
def _watching(organization: str, changed: dict[str, float]) -> Iterator[dict[str, float]]:
    """When each of the titles was first seen, by a thread that looks again and again."""
    seen, done, clock = dict[str, float](), threading.Event(), ports().clock

    def watch() -> None:
        try:
            while not done.wait(LOOKS):
                awaited = [title for title in list(changed) if title not in seen]
                found = _titles(organization, awaited)
                now = clock.monotonic()
                seen.update(dict.fromkeys(found, now))
        finally:
            connection.close()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _titles(organization: str, awaited: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT title FROM records_task WHERE organization_id = %s AND title = ANY(%s)", [organization, awaited]
        )
        return [title for (title,) in cursor.fetchall()]
