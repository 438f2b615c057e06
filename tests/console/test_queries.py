"""Pages cost the same number of queries however much there is, and none of them reads a big table to its end."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conflicts.models import ConflictResolution
from console.logs import window
from integrations.models import Integration, IntegrationMapping, SyncLog
from records.models import Task
from sync_engine.bench.pages_world import multiply
from tests.engine.scene import Scene

ROWS = 20_000
PAGES = (
    ("dashboard", 45),
    ("integrations", 25),
    ("runs", 15),
    ("logs", 16),
    ("integration", 45),
    ("integration_logs", 18),
    ("integration_mappings", 18),
    ("integration_conflicts", 15),
    ("integration_runs", 15),
    ("run", 25),
    ("explain", 30),
)
"""Page and the most queries that it may make, sidebar and session included."""


def fill(scene: Scene) -> None:
    """One synced record and one conflict, and then very many like them."""
    Integration.objects.update(conflict_strategy="MANUAL_REVIEW")
    gid = scene.there("Paint")
    run = scene.sync().run
    scene.edit_here(Task.objects.get().pk, {"title": "here"})
    scene.edit_there(gid, name="there")
    scene.sync()
    random = "gen_random_uuid()"
    multiply(Task.objects.get(), ROWS, id=random)
    multiply(run, ROWS // 4, id=random, started_at="now() - n * interval '1 minute'")
    multiply(IntegrationMapping.objects.get(), ROWS, internal_id=random, external_id="'gid-' || n")
    multiply(ConflictResolution.objects.get(), ROWS // 2, id=random, resource_id=f"{random}::text")
    multiply(SyncLog.objects.filter(status="SUCCESS")[0], 2 * ROWS, resource_id=f"{random}::text")
    multiply(SyncLog.objects.filter(status="SUCCESS")[0], ROWS // 100, status="'FAILED'")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def addresses(integration: Integration) -> dict[str, str]:
    keys: dict[str, tuple[Any, ...]] = {
        "run": (integration.job_executions.order_by("-started_at").values_list("pk", flat=True)[0],),
        "explain": ("task", Task.objects.values_list("pk", flat=True)[0]),
    }
    of_one = {name: (integration.pk,) for name, _most in PAGES if name.startswith("integration")}
    del of_one["integrations"]
    return {name: reverse(f"console:{name}", args=(keys | of_one).get(name, ())) for name, _most in PAGES}


@pytest.fixture
def full(scene: Scene) -> Scene:
    fill(scene)
    return scene


def test_pages_of_a_big_installation_cost_a_bounded_number_of_queries(full: Scene, steward: Client) -> None:
    places = addresses(full.asana)
    costs = {name: queries(steward, places[name]) for name, _most in PAGES}
    assert {name: cost for name, cost in costs.items() if cost > dict(PAGES)[name]} == {}


def test_more_integrations_do_not_cost_more_queries(scene: Scene, steward: Client) -> None:
    place = reverse("console:integrations")
    queries(steward, place)
    few = queries(steward, place)
    for number in range(8):
        scene.connect(f"More {number}")
    assert queries(steward, place) <= few + 1


def test_no_page_scans_the_logs(full: Scene, steward: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "WINDOW", ROWS // 10)
    places = addresses(full.asana)
    logs = places["integration_logs"]
    wanted = [*places.values(), f"{logs}?status=FAILED", f"{logs}?record=nothing", f"{logs}?since=2026-01-01",
              f"{places['logs']}?operation=DELETE"]  # fmt: skip
    assert {place for place in wanted if scans(steward, place)} == set()


def scans(client: Client, place: str) -> int:
    before = _scanned()
    assert client.get(place).status_code == 200
    return _scanned() - before


def queries(client: Client, place: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(place).status_code == 200
    return len(captured)


def _scanned() -> int:
    """How often the table of logs was read from end to end so far, by this very session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans('integrations_synclog'::regclass)")
        return int(cursor.fetchone()[0])
