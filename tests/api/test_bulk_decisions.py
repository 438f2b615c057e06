"""Many conflicts by one rule: prepared, looked at, approved; what moved meanwhile is dropped and listed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from conflicts.models import BulkDecision, ConflictResolution
from connectors.base.sandbox.faults import Fault
from integrations.models import JobExecution
from records.models import Task
from sync_engine import tasks
from sync_engine.review import bulk
from sync_engine.undo import rollback
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

URL = "/api/admin/integrations/conflicts/bulk"


@pytest.fixture(autouse=True)
def workers_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks are carried out at once, with arguments that went through JSON."""

    def at_once(args: list[Any], retry: bool = True) -> Any:
        return tasks.decide_many.apply(args=json.loads(json.dumps(args)), throw=True)

    monkeypatch.setattr(tasks.decide_many, "apply_async", at_once)


@pytest.fixture
def gids(scene: Scene) -> list[str]:
    """Three tasks that both sides renamed; of the last one the due date is contested too."""
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gids = [scene.there(f"base {n}", due_on="2026-12-01") for n in range(3)]
    scene.sync()
    for n, gid in enumerate(gids):
        task = Task.objects.get(title=f"base {n}")
        scene.edit_here(task.pk, {"title": f"ours {n}"} | ({"dueDate": "2026-12-09"} if n == 2 else {}))
        scene.edit_there(gid, name=f"theirs {n}", **({"due_on": "2026-12-05"} if n == 2 else {}))
    scene.sync()
    return gids


def prepare(client: APIClient, scene: Scene, rule: str, **more: Any) -> dict[str, Any]:
    answer = client.post(URL, {"integrationId": str(scene.asana.pk), "rule": rule, **more})
    assert answer.status_code == 202, answer.json()
    return dict(client.get(f"{URL}/{answer.json()['id']}").json())


def steps(client: APIClient, found: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    return list(client.get(f"{URL}/{found['id']}/steps", query).json()["steps"])


def approve(client: APIClient, found: dict[str, Any]) -> dict[str, Any]:
    assert client.post(f"{URL}/{found['id']}/approve").status_code == 200
    return dict(client.get(f"{URL}/{found['id']}").json())


def test_a_plan_lists_every_write_and_makes_none(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "prefer_local")
    assert (found["status"], found["total"], found["steps"]) == ("READY", 3, {"PLANNED": 3})
    listed = {one["label"]: one for one in steps(client, found)}
    assert listed["ours 0"]["there"] == {"name": ["theirs 0", "ours 0"]}
    assert listed["ours 2"]["there"] == {"name": ["theirs 2", "ours 2"], "due_on": ["2026-12-05", "2026-12-09"]}
    assert listed["ours 0"]["here"] == {}
    assert scene.names_there() == [f"theirs {n}" for n in range(3)]
    assert ConflictResolution.objects.filter(status="PENDING").count() == 3


@pytest.mark.parametrize(("rule", "names"), [("prefer_local", "ours"), ("prefer_external", "theirs")])
def test_what_was_previewed_happens(client: APIClient, scene: Scene, gids: list[str], rule: str, names: str) -> None:
    done = approve(client, prepare(client, scene, rule))
    assert (done["status"], done["steps"]) == ("DONE", {"APPLIED": 3})
    scene.sync()
    assert scene.titles_here() == scene.names_there() == [f"{names} {n}" for n in range(3)]
    run = JobExecution.objects.get(pk=done["runId"])
    assert (run.job_type, run.status, run.success_count, run.error_count) == ("DECISIONS", "COMPLETED", 3, 0)


def test_what_moved_since_is_dropped_and_listed(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "prefer_external")
    scene.edit_there(gids[1], name="moved on")
    done = approve(client, found)
    assert done["steps"] == {"APPLIED": 2, "STALE": 1}
    (stale,) = steps(client, done, state="STALE")
    assert "has changed since" in stale["sentence"]
    assert scene.titles_here() == ["ours 1", "theirs 0", "theirs 2"]
    run = JobExecution.objects.get(pk=done["runId"])
    assert [one["state"] for one in run.error_details["records"]] == ["STALE"]


def test_a_rule_that_cannot_decide_leaves_the_case_out(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "union")
    assert found["steps"] == {"SKIPPED": 3}
    assert "not lists" in steps(client, found)[0]["sentence"]


def test_the_later_date_of_each_case(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "max", conflictedField="dueDate")
    (one,) = steps(client, found)
    assert one["values"]["dueDate"] == "2026-12-09"
    approve(client, found)
    scene.sync()
    assert str(Task.objects.get(title=one["values"]["title"]).due_date) == "2026-12-09"


def test_one_refusal_does_not_stop_the_others(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "prefer_external")
    scene.twin.faults.add(Fault("server_error", ("GET", f"^/tasks/{gids[0]}$"), times=None))
    done = approve(client, found)
    assert done["steps"] == {"APPLIED": 2, "FAILED": 1}
    assert steps(client, done, state="FAILED")[0]["sentence"]


def test_a_refused_credential_stops_it_with_a_sentence(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "prefer_external")
    scene.asana.credentials = {"token": "wrong"}
    scene.asana.save()
    done = approve(client, found)
    assert (done["status"], done["steps"]) == ("FAILED", {"PLANNED": 3})
    assert "credentials" in done["error"]


def test_a_worker_that_died_is_followed_by_another(
    client: APIClient, scene: Scene, gids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = prepare(client, scene, "prefer_external")
    monkeypatch.setattr(tasks.decide_many, "apply_async", lambda **_: None)
    approve(client, found)
    first = BulkDecision.objects.get().steps.order_by("id")[0]
    real = bulk._decide

    def dies(decision: Any, step: Any, connector: Any) -> None:
        real(decision, step, connector)
        raise SystemExit

    monkeypatch.setattr(bulk, "_decide", dies)
    with pytest.raises(SystemExit):
        bulk.work(found["id"])
    monkeypatch.setattr(bulk, "_decide", real)
    bulk.work(found["id"])
    done = BulkDecision.objects.get()
    assert (done.status, bulk.counts(done)) == ("DONE", {"APPLIED": 3})
    first.refresh_from_db()
    assert first.state == "APPLIED"


def test_its_run_can_be_taken_back(client: APIClient, scene: Scene, gids: list[str]) -> None:
    done = approve(client, prepare(client, scene, "prefer_external"))
    assert scene.titles_here() == ["theirs 0", "theirs 1", "theirs 2"]
    rollback.roll_back(JobExecution.objects.get(pk=done["runId"]))
    assert scene.titles_here() == ["ours 0", "ours 1", "ours 2"]


def test_a_cancelled_one_writes_nothing(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "prefer_external")
    assert client.post(f"{URL}/{found['id']}/cancel").json()["status"] == "CANCELLED"
    assert client.post(f"{URL}/{found['id']}/approve").status_code == 409
    assert client.post(f"{URL}/{found['id']}/cancel").status_code == 409
    assert scene.titles_here() == ["ours 0", "ours 1", "ours 2"]


def test_what_belongs_to_others_is_not_found(client: APIClient, scene: Scene, gids: list[str]) -> None:
    found = prepare(client, scene, "prefer_external")
    eve = steward(OrganizationFactory(), name="eve")
    assert eve.post(URL, {"integrationId": str(scene.asana.pk), "rule": "prefer_local"}).status_code == 404
    for path in ("", "/steps"):
        assert eve.get(f"{URL}/{found['id']}{path}").status_code == 404
    for path in ("/approve", "/cancel"):
        assert eve.post(f"{URL}/{found['id']}{path}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"rule": "prefer_local"}, {"rule": "review"}, {"rule": "max", "olderThan": -1}])
def test_what_cannot_be_asked_is_refused(client: APIClient, scene: Scene, body: dict[str, Any]) -> None:
    given = {"integrationId": str(scene.asana.pk), **body} if body.get("rule") != "prefer_local" else body
    assert client.post(URL, given).status_code == 400
