"""One chain across the hub: job <-> item of a board <-> task at Asana's twin, over real HTTP, with real webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.sandbox.server import Server, serve
from integrations.models import Integration, SyncLog, WebhookDelivery
from jobs_boards.models import Item
from sync_engine import tasks
from sync_engine.running import schedule
from tests.api.conftest import steward, workers
from tests.jobs_boards.scene import Hub
from tests.records.factories import OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/admin/integrations"
__all__ = ["workers"]


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


@pytest.fixture
def given(hub: Hub, server: Server) -> dict[str, Any]:
    """R1's body of POST /api/admin/integrations: items of the hub's board as tasks of one project."""
    return {
        "name": "Asana",
        "type": "ASANA",
        "baseUrl": server.url_of("asana"),
        "authType": "BEARER_TOKEN",
        "credentials": {"token": "sandbox-token"},
        "dataTypes": ["MEMBERS", "ITEMS"],
        "settings": {
            "project": PROJECT,
            "workspace": WORKSPACE,
            "scope": {"item": {"boardId": [str(hub.board.pk)]}},
        },
    }


@pytest.fixture
def office(hub: Hub, workers: None) -> APIClient:
    return steward(hub.organization)


@pytest.fixture
def asana(hub: Hub, office: APIClient, given: dict[str, Any]) -> Integration:
    """As it comes: nobody writes a mapping."""
    answer = office.post(URL, given)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["webhookRegistered"]
    return Integration.objects.get(pk=answer.json()["integration"]["id"])


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


def test_items_and_tasks_are_not_both_taken_from_one_project(office: APIClient, given: dict[str, Any]) -> None:
    answer = office.post(URL, {**given, "dataTypes": ["TASKS", "ITEMS"]})
    assert (answer.status_code, Integration.objects.filter(name="Asana").count()) == (400, 0)
    assert "would come in twice" in answer.json()["error"]["fields"]["dataTypes"][0]


def test_items_added_beside_tasks_are_refused_too(office: APIClient, given: dict[str, Any]) -> None:
    made = office.post(URL, {**given, "dataTypes": ["TASKS"]}).json()["integration"]
    answer = office.put(f"{URL}/{made['id']}", {"dataTypes": ["TASKS", "ITEMS"]})
    assert answer.status_code == 400
    assert "would come in twice" in answer.json()["error"]["fields"]["dataTypes"][0]
    assert Integration.objects.get(pk=made["id"]).data_types == ["TASKS"]
    assert office.put(f"{URL}/{made['id']}", {"dataTypes": ["ITEMS"]}).status_code == 200
    assert office.put(f"{URL}/{made['id']}", {"dataTypes": ["TASKS", "ITEMS"]}).status_code == 400


def test_items_without_a_board_are_refused_with_what_is_missing(office: APIClient, given: dict[str, Any]) -> None:
    answer = office.post(URL, {**given, "settings": {"project": PROJECT}})
    assert answer.status_code == 400
    assert "ITEMS need the one board that they are on" in answer.json()["error"]["fields"]["dataTypes"][0]
