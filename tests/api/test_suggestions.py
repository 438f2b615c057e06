"""From past decisions to a rule of the mapping, and only when a person says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from conflicts.models import ConflictResolution
from integrations.models import FieldMapping, Integration
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

URL = "/api/admin/integrations/conflicts/suggestions"


def decided(integration: Integration, winner: str, number: int, **fields: Any) -> None:
    """So many past cases of the due date, decided by a person."""
    now = timezone.now()
    local, external = {"dueDate": "2026-12-01"}, {"dueDate": "2026-12-02"}
    ConflictResolution.objects.bulk_create(
        ConflictResolution(
            **{
                "integration": integration, "resource_type": "task", "resource_id": f"{winner} {n}",
                "conflicted_fields": ["dueDate"], "local_data": local, "external_data": external,
                "local_changed_at": now, "external_changed_at": now + timedelta(minutes=1),
                "resolved_data": local if winner == "LOCAL" else external, "resolved_by": "dana", "resolved_at": now,
                "winners": {"dueDate": {"winner": winner, "rule": "decided"}}, "status": "RESOLVED",
                "created_at": now, "updated_at": now, **fields,
            }
        )
        for n in range(number)
    )  # fmt: skip


@pytest.fixture
def rule(scene: Scene) -> dict[str, Any]:
    integration = str(scene.asana.pk)
    return {
        "integrationId": integration,
        "resourceType": "TASK",
        "conflictedField": "dueDate",
        "rule": "prefer_external",
    }


def test_a_habit_is_suggested_with_its_evidence(client: APIClient, scene: Scene) -> None:
    decided(scene.asana, "EXTERNAL", 41)
    decided(scene.asana, "LOCAL", 2)
    (found,) = client.get(URL, {"integrationId": str(scene.asana.pk)}).json()["suggestions"]
    assert found["sentence"] == "In 41 of 43 cases you kept Asana's due date."
    assert (found["rule"], found["agreed"], found["total"]) == (
        {"when": "always", "strategy": "prefer_external"},
        41,
        43,
    )
    assert (found["test"]["same"], found["test"]["left"], len(found["test"]["different"])) == (41, 0, 2)
    assert found["test"]["different"][0]["byRule"] == "2026-12-02"


@pytest.mark.parametrize(
    "fields", [{"resolved_by": ""}, {"status": "AUTO_RESOLVED"}, {"status": "IGNORED"}, {"kind": "DELETED_LOCALLY"}]
)
def test_only_decisions_of_people_count(client: APIClient, scene: Scene, fields: dict[str, Any]) -> None:
    decided(scene.asana, "EXTERNAL", 20, **fields)
    assert client.get(URL).json()["suggestions"] == []


def test_decisions_that_were_thought_over_do_not_count(client: APIClient, scene: Scene) -> None:
    decided(scene.asana, "EXTERNAL", 5)
    first = ConflictResolution.objects.order_by("id")[0]
    decided(scene.asana, "LOCAL", 1, status="PENDING", reopens=first)
    assert client.get(URL).json()["suggestions"] == []


def test_any_rule_can_be_tried(client: APIClient, scene: Scene, rule: dict[str, Any]) -> None:
    decided(scene.asana, "EXTERNAL", 3)
    answer = client.post(f"{URL}/try", {**rule, "rule": "max", "when": "local_newer"}).json()
    assert (answer["same"], answer["different"], answer["left"]) == (0, [], 3)
    assert client.post(f"{URL}/try", {**rule, "rule": "min"}).json()["same"] == 0


def test_a_promoted_rule_decides_from_then_on(client: APIClient, scene: Scene, rule: dict[str, Any]) -> None:
    Integration.objects.update(conflict_strategy="MANUAL_REVIEW")
    decided(scene.asana, "EXTERNAL", 9)
    version = FieldMapping.objects.get(resource_type="task").version
    answer = client.post(f"{URL}/promote", rule).json()
    assert (answer["resourceType"], answer["version"]) == ("TASK", version + 1)
    document = FieldMapping.objects.get(version=version + 1).document
    assert document["conflictRules"] == {"dueDate": [{"when": "always", "strategy": "prefer_external"}]}
    assert client.get(URL).json()["suggestions"] == []

    task = scene.here("agreed", dueDate="2026-12-01")
    scene.sync()
    gid = scene.twin.store.live("tasks")[0].id
    scene.edit_here(task, {"title": "ours", "dueDate": "2026-12-05"})
    scene.edit_there(gid, name="theirs", due_on="2026-12-09")
    scene.sync()
    waiting = ConflictResolution.objects.get(status="PENDING")
    assert waiting.conflicted_fields == ["title"]
    by_rule = ConflictResolution.objects.get(status="AUTO_RESOLVED")
    assert by_rule.resolved_data == {"dueDate": "2026-12-09"}
    assert "the mapping's rule" in by_rule.winners["dueDate"]["rule"]


def test_rules_for_one_field_stand_beside_each_other(client: APIClient, scene: Scene, rule: dict[str, Any]) -> None:
    client.post(f"{URL}/promote", rule)
    client.post(f"{URL}/promote", {**rule, "rule": "prefer_local", "when": "external_empty"})
    client.post(f"{URL}/promote", {**rule, "rule": "latest"})
    newest = FieldMapping.objects.order_by("-version")[0]
    assert newest.document["conflictRules"]["dueDate"] == [
        {"when": "external_empty", "strategy": "prefer_local"},
        {"when": "always", "strategy": "latest"},
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"conflictedField": "nothing"}, 400),
        ({"rule": "guess"}, 400),
        ({"when": "sometimes"}, 400),
        ({"resourceType": "CONTACT"}, 400),
        ({"integrationId": "00000000-0000-0000-0000-000000000000"}, 404),
    ],
)
def test_what_cannot_be_a_rule_is_refused(
    client: APIClient, rule: dict[str, Any], change: dict[str, str], status: int
) -> None:
    before = FieldMapping.objects.count()
    assert client.post(f"{URL}/promote", {**rule, **change}).status_code == status
    assert FieldMapping.objects.count() == before


def test_habits_of_others_are_not_shown(scene: Scene, rule: dict[str, Any]) -> None:
    decided(scene.asana, "EXTERNAL", 9)
    eve = steward(OrganizationFactory(), name="eve")
    assert eve.get(URL).json()["suggestions"] == []
    assert eve.get(URL, {"integrationId": str(scene.asana.pk)}).json()["suggestions"] == []
    assert eve.post(f"{URL}/promote", rule).status_code == 404
