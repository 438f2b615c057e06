"""What the engine wrote, to be looked at and not to be changed, without counting big tables."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations import console
from integrations.models import IntegrationMapping, JobExecution, ParkedRecord, PendingChange, PlanStep, SyncLog
from tests.admin.pages import address, text
from tests.engine.scene import Scene

LOOKED_AT = (IntegrationMapping, JobExecution, ParkedRecord, PendingChange, PlanStep, SyncLog)


@pytest.fixture
def history(scene: Scene) -> Scene:
    """Something in every table."""
    gid = scene.there("a")
    scene.there("x" * 1100)
    scene.sync(dry_run=True)
    scene.sync()
    scene.edit_there(gid, name="b")
    scene.sync()
    scene.here("waits")
    scene.sync(direction="pull")
    return scene


@pytest.mark.parametrize("model", LOOKED_AT)
def test_lists_and_pages_open(history: Scene, steward: Client, model: Any) -> None:
    row = model.objects.first()
    assert row is not None
    assert str(row.pk) in text(steward, model)
    text(steward, model, "change", row.pk)


@pytest.mark.parametrize("model", LOOKED_AT)
def test_nothing_can_be_changed(history: Scene, root: Client, model: Any) -> None:
    row = model.objects.first()
    assert root.post(address(model, "change", row.pk), {"status": "x"}).status_code == 403
    assert root.get(address(model, "delete", row.pk)).status_code == 403
    assert root.get(address(model, "add")).status_code == 403


@pytest.mark.parametrize("model", LOOKED_AT)
def test_a_stranger_sees_nothing(history: Scene, stranger: Client, model: Any) -> None:
    row = model.objects.first()
    assert address(model, "change", row.pk) not in text(stranger, model)
    assert stranger.get(address(model, "change", row.pk)).status_code == 302


def test_a_log_entry_shows_before_and_after(history: Scene, steward: Client) -> None:
    found = text(steward, SyncLog, "change", SyncLog.objects.get(operation="UPDATE").pk)
    assert "&quot;title&quot;: &quot;a&quot;" in found
    assert "&quot;title&quot;: &quot;b&quot;" in found


def test_a_link_shows_its_bases_and_who_set_them(history: Scene, steward: Client) -> None:
    found = text(steward, IntegrationMapping, "change", IntegrationMapping.objects.get().pk)
    assert "&quot;title&quot;: &quot;b&quot;" in found
    assert "only that side changed" in found


def test_a_plan_shows_its_steps(history: Scene, steward: Client) -> None:
    plan = JobExecution.objects.get(status="AWAITING_APPROVAL")
    found = text(steward, JobExecution, "change", plan.pk)
    assert "create_local task" in found
    assert f"run__id__exact={plan.pk}" in found
    assert steward.get(f"{address(PlanStep)}?run__id__exact={plan.pk}").status_code == 200


def test_no_list_counts_a_table_to_its_end(history: Scene, steward: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text(steward, SyncLog)
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "integrations_synclog" in query["sql"]]
    assert counts
    assert all(f"LIMIT {console.COUNTED}" in sql for sql in counts)


def test_logs_are_filtered_by_integrations_of_ones_own(history: Scene, steward: Client, stranger: Client) -> None:
    place = f"{address(SyncLog)}?integration={history.asana.pk}"
    assert "task" in steward.get(place).content.decode()
    assert history.asana.name not in stranger.get(place).content.decode()
