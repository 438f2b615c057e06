"""R1's endpoints 1, 2, 8 and 9."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.asana.sandbox.twin import PROJECT
from integrations.models import JobExecution
from records.models import Task
from tests.engine.scene import Scene

URL = "/api/admin/integrations"


def with_project(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "settings": {"project": PROJECT}}


@pytest.mark.usefixtures("workers")
def test_creating_tests_stores_and_starts_the_first_sync(
    client: APIClient, scene: Scene, new_integration: dict[str, Any]
) -> None:
    scene.there("made there")
    answer = client.post(URL, with_project(new_integration))
    assert answer.status_code == 201, answer.json()
    made = answer.json()["integration"]
    assert answer.json()["success"] is True
    assert (made["name"], made["status"]) == ("Main Asana Workspace", "ACTIVE")
    assert made["webhookEndpoint"].endswith(f"/api/webhooks/integrations/{made['id']}/receive")
    assert made["webhookSecret"].startswith("whsec_")
    run = JobExecution.objects.get(integration=made["id"])
    assert (run.job_type, run.status) == ("INITIAL_IMPORT", "COMPLETED")
    assert Task.objects.get().title == "made there"


def test_neither_credentials_nor_the_secret_are_shown_again(client: APIClient, new_integration: dict[str, Any]) -> None:
    made = client.post(URL, with_project(new_integration)).json()["integration"]
    for answer in (client.get(URL), client.get(f"{URL}/{made['id']}"), client.put(f"{URL}/{made['id']}", {})):
        assert answer.status_code == 200
        assert b"sandbox-token" not in answer.content
        assert made["webhookSecret"].encode() not in answer.content
