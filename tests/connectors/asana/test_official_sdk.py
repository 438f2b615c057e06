"""Asana's own Python client against the twin: what it takes for Asana's answers, our connector may take as well."""

from __future__ import annotations

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from connectors.base.sandbox.server import Server

sdk = pytest.importorskip("asana")


@pytest.fixture
def client(server: Server, twin: AsanaTwin) -> object:
    twin.observers.clear()  # the client speaks to Asana as it likes: only ours is held against the specification
    settings = sdk.Configuration()
    settings.host = server.url_of("asana")
    settings.access_token = twin.default_token
    settings.return_page_iterator = True
    return sdk.ApiClient(settings)


def test_a_task_of_the_client_is_read_by_the_connector_and_back(client: object, asana: AsanaConnector) -> None:
    tasks = sdk.TasksApi(client)
    given = {"name": "Buoy 4", "projects": [PROJECT], "due_on": "2026-03-02"}
    made = tasks.create_task({"data": given}, {"opt_fields": "name,due_on"})
    assert (made["name"], made["due_on"]) == ("Buoy 4", "2026-03-02")
    kind = asana.resource("task")
    asana.update(kind, made["gid"], {"completed": True}, current=asana.fetch(kind, made["gid"]))
    assert tasks.get_task(made["gid"], {"opt_fields": "completed"})["completed"] is True


def test_its_page_iterator_walks_through_the_twins_pages(client: object, twin: AsanaTwin) -> None:
    twin.seed_demo(120)
    listed = list(sdk.TasksApi(client).get_tasks({"project": PROJECT, "limit": 50, "opt_fields": "name"}))
    assert len({task["gid"] for task in listed}) == 120


def test_users_and_sections_of_the_account(client: object) -> None:
    users = sdk.UsersApi(client).get_users({"workspace": WORKSPACE, "opt_fields": "email"})
    assert {user["email"] for user in users} == {"lockstep@example.com", "dana@example.com"}
    assert [section["name"] for section in sdk.SectionsApi(client).get_sections_for_project(PROJECT, {})] == ["To do"]


def test_a_deleted_task_is_the_error_that_the_client_knows(client: object, twin: AsanaTwin) -> None:
    tasks = sdk.TasksApi(client)
    gid = tasks.create_task({"data": {"name": "gone soon", "projects": [PROJECT]}}, {})["gid"]
    tasks.delete_task(gid)
    with pytest.raises(sdk.rest.ApiException) as refused:
        tasks.get_task(gid, {})
    assert refused.value.status == 404


def test_a_wrong_token_is_the_error_that_the_client_knows(client: object, server: Server) -> None:
    client.configuration.access_token = "somebody else's"  # type: ignore[attr-defined]
    with pytest.raises(sdk.rest.ApiException) as refused:
        sdk.UsersApi(client).get_user("me", {})
    assert refused.value.status == 401
