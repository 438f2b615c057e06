"""Two integrations on one list of the provider are refused where one of them writes there."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.asana.sandbox.twin import PROJECT
from integrations.models import Integration, JobExecution
from integrations.services import create_integration
from sync_engine.api import sharing
from tests.engine.scene import Scene

URL = "/api/admin/integrations"


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    from sync_engine import tasks

    monkeypatch.setattr(tasks.sync, "apply_async", lambda *_, **__: None)


@pytest.fixture
def same_project(new_integration: dict[str, Any]) -> dict[str, Any]:
    return {**new_integration, "settings": {"project": PROJECT}, "credentials": {"token": "sandbox-token"}}


def test_a_second_one_of_the_project_is_refused_and_not_stored(
    client: APIClient, scene: Scene, same_project: dict[str, Any]
) -> None:
    answer = client.post(URL, same_project)
    assert answer.status_code == 400
    assert "'Asana' syncs the same task records already" in str(answer.json())
    assert (Integration.objects.count(), JobExecution.objects.count()) == (1, 0)


def test_two_that_only_read_may_share(client: APIClient, scene: Scene, same_project: dict[str, Any]) -> None:
    scene.asana.sync_direction = "EXTERNAL_TO_LOCAL"
    scene.asana.save()
    made = client.post(URL, {**same_project, "syncDirection": "EXTERNAL_TO_LOCAL"})
    assert made.status_code == 201
    one = f"{URL}/{made.json()['integration']['id']}"
    assert client.put(one, {"syncDirection": "BIDIRECTIONAL"}).status_code == 400
    assert Integration.objects.get(name=same_project["name"]).sync_direction == "EXTERNAL_TO_LOCAL"


def test_people_of_one_workspace_may_come_by_two(client: APIClient, scene: Scene, same_project: dict[str, Any]) -> None:
    """They are only read, and recognised by their mail."""
    assert client.post(URL, {**same_project, "dataTypes": ["MEMBERS"]}).status_code == 201


def rest(scene: Scene, name: str, token: str, **more: Any) -> Integration:
    return create_integration(
        scene.organization, name=name, type="GENERIC_REST", base_url="https://crm.example.org",
        auth_type="BEARER_TOKEN", credentials={"token": token}, data_types=["CONTACTS"],
        settings={"preset": "plain"}, **more,
    )  # fmt: skip


def test_where_only_the_token_tells_accounts_apart_it_decides(scene: Scene) -> None:
    rest(scene, "First", "one")
    sharing.refuse(rest(scene, "Another account", "two"))
    with pytest.raises(Exception, match="'First' syncs the same contact records"):
        sharing.refuse(rest(scene, "Again", "one"))


def test_another_organization_is_its_own_matter(client: APIClient, scene: Scene, same_project: dict[str, Any]) -> None:
    from tests.records.factories import OrganizationFactory

    Integration.objects.update(organization=OrganizationFactory())
    assert client.post(URL, same_project).status_code == 201
