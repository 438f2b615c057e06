"""Field mappings, and what providers can do."""

from __future__ import annotations

import json

from rest_framework.test import APIClient

from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

DOCUMENT = {
    "resourceType": "TASK",
    "externalToInternal": [{"externalField": "name", "internalField": "title", "transform": "string"}],
}


def url(scene: Scene, rest: str = "") -> str:
    return f"/api/admin/integrations/{scene.asana.pk}/mappings{rest}"


def test_a_new_version_is_stored_as_it_is(client: APIClient, scene: Scene) -> None:
    (first,) = client.get(url(scene)).json()["mappings"]
    assert (first["resourceType"], first["version"]) == ("TASK", 1)
    answer = client.put(url(scene, "/TASK"), {"document": DOCUMENT})
    assert answer.status_code == 200, answer.json()
    shown = client.get(url(scene, "/task")).json()
    assert (shown["version"], shown["document"], shown["createdBy"]) == (2, DOCUMENT, "dana")


def test_problems_have_lines(client: APIClient, scene: Scene) -> None:
    wrong = json.dumps(DOCUMENT, indent=1).replace('"title"', '"titel"')
    body = client.post(url(scene, "/TASK/validate"), {"document": wrong}).json()
    assert body["valid"] is False
    (problem,) = body["problems"]
    assert (problem["path"], problem["line"]) == ("externalToInternal[0].internalField", 6)
    answer = client.put(url(scene, "/TASK"), {"document": wrong})
    assert (answer.status_code, answer.json()["problems"]) == (400, body["problems"])
    assert client.get(url(scene, "/TASK")).json()["version"] == 1
    assert client.post(url(scene, "/TASK/validate"), {"document": DOCUMENT}).json() == {"valid": True, "problems": []}
    assert client.post(url(scene, "/TASK/validate"), {"document": "{"}).json()["problems"][0]["line"] == 1
    assert client.post(url(scene, "/TASK/validate"), {"document": 5}).status_code == 400


def test_a_mapping_is_tried_on_samples(client: APIClient, scene: Scene) -> None:
    body = {"document": DOCUMENT, "samples": [{"name": "Pump"}]}
    (tried,) = client.post(url(scene, "/TASK/preview"), body).json()["records"]
    assert (tried["internal"], tried["back"], tried["problem"]) == ({"title": "Pump"}, {"name": "Pump"}, "")


def test_without_samples_the_provider_is_read(client: APIClient, scene: Scene) -> None:
    scene.there("from the listing")
    (tried,) = client.post(url(scene, "/TASK/preview"), {}).json()["records"]
    assert tried["internal"]["title"] == "from the listing"
    assert scene.titles_here() == []


def test_what_is_not_mapped_is_not_there(client: APIClient, scene: Scene) -> None:
    assert client.get(url(scene, "/MEMBER")).status_code == 404
    assert client.get(url(scene, "/BOATS")).status_code == 404
    stranger = steward(OrganizationFactory(), "stranger")
    assert stranger.get(url(scene)).status_code == 404
    assert stranger.put(url(scene, "/TASK"), {"document": DOCUMENT}).status_code == 404


def test_capabilities_are_listed(client: APIClient) -> None:
    found = {one["type"]: one for one in client.get("/api/admin/integrations/capabilities").json()["capabilities"]}
    assert found["ASANA"]["canSync"] is True
    assert "tasks" in found["ASANA"]["syncTypes"]
