"""Why a record is in step, over the API."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from records.models import Task
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory


def asked(client: APIClient, task_id: Any) -> Any:
    return client.get(f"/api/records/task/{task_id}/sync")


def test_each_agreed_value_with_who_set_it(client: APIClient, scene: Scene) -> None:
    gid = scene.there("Paint")
    run = scene.sync().run
    (found,) = asked(client, Task.objects.get().pk).json()["integrations"]
    assert (found["integrationName"], found["verdict"], found["externalId"]) == ("Asana", "IN_STEP", gid)
    title = next(one for one in found["agreedFields"] if one["name"] == "title")
    assert (title["agreed"], title["path"], title["by"], title["run"]) == ("Paint", "name", "EXTERNAL", str(run.pk))
    assert found["refusal"] is None


def test_what_is_not_linked_says_so(client: APIClient, scene: Scene) -> None:
    (found,) = asked(client, scene.here("Ours")).json()["integrations"]
    assert (found["verdict"], found["externalId"], found["lastAgreedAt"]) == ("ON_ITS_WAY", None, None)
    assert found["sentences"]


def test_a_record_of_others_is_not_found(scene: Scene, client: APIClient) -> None:
    own = scene.here("Ours")
    other = steward(OrganizationFactory(), "eve")
    assert asked(other, own).status_code == 404
    assert client.get(f"/api/records/nonsense/{own}/sync").status_code == 404
