"""One chain across the hub: job <-> item of a board <-> task at Asana's twin, over real HTTP, with real webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.sandbox.server import Server, serve
from integrations.models import Integration, SyncLog, WebhookDelivery
from integrations.services import create_integration
from integrations.webhooks.registration import subscribe
from jobs_boards.models import Item
from sync_engine import schedule, tasks
from sync_engine.ports import ports
from tests.jobs_boards.scene import Hub
from tests.records.factories import OrganizationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.webhooks.urls")]


@pytest.fixture
def twin() -> AsanaTwin:
    return AsanaTwin()


@pytest.fixture
def server(twin: AsanaTwin) -> Iterator[Server]:
    with serve(0, [twin]) as running:
        yield running


@pytest.fixture
def hub(settings: Any, live_server: Any) -> Hub:
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    settings.WEBHOOK_BASE_URL = live_server.url
    return Hub(OrganizationFactory())


def items_as_tasks(board_id: str) -> dict[str, Any]:
    """Items of one board as tasks of one project: done there means closed here."""
    both = [
        {"externalField": "name", "internalField": "name", "transform": "string", "required": True},
        {"externalField": "due_on", "internalField": "date", "transform": "date"},
    ]
    done = {"type": "enum", "mapping": {"true": "Closed Job", "false": "In Production"}}
    here = {"type": "constant", "value": board_id}
    return {
        "resourceType": "ITEM",
        "externalResource": "task",
        "acknowledgedLosses": ["status"],
        "externalToInternal": [
            {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
            *both,
            {"externalField": "completed", "internalField": "status", "transform": done},
            {"internalField": "boardId", "transform": here},
        ],
        "internalToExternal": [
            *both,
            {
                "externalField": "completed",
                "internalField": "status",
                "transform": {"type": "enum", "mapping": {"Closed Job": True}, "default": False},
            },
        ],
    }


@pytest.fixture
def asana(hub: Hub, server: Server) -> Integration:
    board = str(hub.board.pk)
    made = create_integration(
        hub.organization,
        name="Asana",
        type="ASANA",
        base_url=server.url_of("asana"),
        auth_type="BEARER_TOKEN",
        credentials={"token": "sandbox-token"},
        data_types=[],
        mappings={"item": items_as_tasks(board)},
        settings={"project": PROJECT, "workspace": WORKSPACE, "scope": {"item": {"boardId": [board]}}},
    )
    hub.sync(made)
    subscribe(made, clock=ports().clock)
    return made


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "It did not arrive."
        time.sleep(0.05)


def test_an_edit_travels_the_whole_chain_and_back_and_stops(hub: Hub, asana: Integration, twin: AsanaTwin) -> None:
    job = hub.job("Attic")
    hub.settle()
    (task,) = twin.store.live("tasks")
    assert task.fields["name"] == "Attic"

    hub.edit_job(job, title="Roof")
    hub.settle()
    assert twin.store.get("tasks", task.id).fields["name"] == "Roof"

    heard = WebhookDelivery.objects.filter(status="QUEUED").count()
    twin.hand_update("tasks", task.id, {"name": "Roof and attic", "completed": True})
    eventually(lambda: WebhookDelivery.objects.filter(status="QUEUED").count() > heard)
    hub.settle()
    job = hub.fresh(job)
    assert (job.title, job.status) == ("Roof and attic", "Closed Job")
    item = Item.objects.get()
    assert (item.name, item.status) == ("Roof and attic", "Closed Job")

    logs, writes = SyncLog.objects.count(), dict(twin.counts)
    for integration in (hub.integration, asana, hub.integration):
        hub.sync(integration, full=True)
        assert hub.settle() <= 1
    assert SyncLog.objects.count() == logs
    assert [twin.counts[verb] for verb in ("POST", "PUT", "DELETE")] == [
        writes.get(verb, 0) for verb in ("POST", "PUT", "DELETE")
    ]


def test_a_task_made_at_asana_becomes_an_item_and_no_job(hub: Hub, asana: Integration, twin: AsanaTwin) -> None:
    section = next(s.id for s in twin.store.live("sections") if s.fields["project"] == PROJECT)
    twin.hand_create("tasks", {"name": "Buy nails", "memberships": [{"project": PROJECT, "section": section}]})
    hub.sync(asana)
    hub.settle()
    assert [(item.name, item.job_id) for item in hub.items()] == [("Buy nails", None)]
    assert SyncLog.objects.filter(integration=hub.integration).count() == 0


def test_the_drain_wakes_whoever_keeps_the_board(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.job("Attic")
    hub.settle()
    called: list[str] = []
    monkeypatch.setattr(tasks.hear, "delay", called.append)
    monkeypatch.setattr(tasks.push, "delay", called.append)
    (item,) = hub.items()
    hub.edit_item(item, status="Closed Job")
    tasks.drain()
    assert called == [str(hub.integration.pk)]
    assert schedule.mirrors_with_news() == called
