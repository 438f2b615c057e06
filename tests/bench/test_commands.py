"""What an outside harness uses: bench_setup, sync bench, bench_dirty. Correct rows, never times."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from integrations.models import Integration
from records.models import Organization, Task
from sync_engine.bench.measure import Server, manage
from sync_engine.bench.yardsticks import environment, rows, synced
from tests.bench.conftest import COUNT

IMPORTED = {
    "records_task": COUNT,
    "integrations_integrationmapping": COUNT,
    "integrations_synclog": COUNT,
    "records_localchange": 0,
}


@pytest.fixture
def staged(server: Server) -> Server:
    call_command("bench_setup", verbosity=0)
    return server


def test_setup_makes_a_pull_only_integration(staged: Server) -> None:
    integration = Integration.objects.get(name="bench")
    assert (integration.type, integration.sync_direction) == ("ASANA", "EXTERNAL_TO_LOCAL")
    assert integration.webhook_secret == {"current": "bench-secret"}
    assert len(integration.field_mappings.get().document["externalToInternal"]) == 12


def test_setup_needs_to_know_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCH_BASE_URL", raising=False)
    with pytest.raises(CommandError, match="BENCH_BASE_URL"):
        call_command("bench_setup")


def test_first_import_then_nothing(staged: Server) -> None:
    synced(staged, expect=COUNT)
    assert rows() == IMPORTED
    task = Task.objects.order_by("id").first()
    assert task is not None
    assert (task.title, task.section, task.external_metadata) == (
        "Task 0: fit out berth 0",
        "Backlog",
        "https://app.asana.com/0/1100/1200000000000000",
    )
    assert synced(staged, "--full", expect=COUNT).said["exit"] == 0
    assert rows() == IMPORTED


def test_changed_tasks_are_pulled(staged: Server) -> None:
    synced(staged)
    staged.steer(touch=3)
    synced(staged)
    assert Task.objects.filter(title__startswith="Touched").count() == 3


def test_dirty_tasks_are_pushed_and_no_others(staged: Server) -> None:
    synced(staged)
    call_command("bench_dirty", 20, verbosity=0)
    assert synced(staged, "--direction", "push", expect=20).said["work_s"] > 0
    synced(staged, "--direction", "push", expect=0)
    assert rows()["integrations_synclog"] == COUNT + 20


def test_dirty_says_when_there_is_too_little(staged: Server) -> None:
    with pytest.raises(CommandError, match="only 0 tasks"):
        call_command("bench_dirty", 5)


def test_several_integrations_are_synced_together(server: Server) -> None:
    call_command("bench_setup", integrations=3, verbosity=0)
    assert manage(environment(server), "sync", "--all", "--json").said["records"] == 3 * COUNT
    assert rows() == {table: 3 * count for table, count in IMPORTED.items()}


def test_setup_leaves_others_alone(staged: Server) -> None:
    synced(staged)
    other = Organization.objects.create(name="Other", slug="other")
    call_command("bench_setup", verbosity=0)
    assert Organization.objects.filter(pk=other.pk).exists()
    assert set(rows().values()) == {0}


def test_every_yardstick_is_measured(server: Server, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.json"
    groups = ["latency", "compare", "pushes"]
    call_command("bench", n=COUNT, small=200, pushes=10, json=str(file), only=groups)
    assert '"met"' in file.read_text()
    assert "10 pushes at 50 ms" in capsys.readouterr().out
