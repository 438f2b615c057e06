"""R0's rules: jobs reach the board and its items reach jobs, from nothing but a job; and items that rules make."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from automations import acting, reading, services
from automations.errors import DocumentError
from automations.models import Rule, RuleFiring
from automations.presets import PRESETS, install
from integrations.models import Integration
from jobs_boards import services as boards
from jobs_boards.models import Board, Item
from records import services as records
from sync_engine.jobs.boards import connect_board
from sync_engine.running import schedule
from sync_engine.webhooks import hearing
from tests.automations.scene import CREATED, PERSON, TASK, UPDATED, Scene
from tests.jobs_boards.scene import JOB

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """What waits for a commit is told at once; runs that are filed are carried out by `settle`."""
    settings.PUSH_IN_REAL_TIME = False
    monkeypatch.setattr(transaction, "on_commit", lambda told, *_, **__: told())
    return Scene(presets=True)


def settle(scene: Scene) -> None:
    """Every worker, until nobody finds anything to do."""
    for _ in range(20):
        busy = reading.read() + acting.act()
        for run in _filed(scene):
            schedule.run_now(str(run.integration_id), run_id=str(run.pk), job_type=run.job_type)
            busy += 1
        for integration in schedule.integrations_with_pending():
            schedule.run_now(integration, direction="push", cause="local change")
            busy += 1
        for integration in hearing.integrations_to_hear():
            hearing.hear(integration)
            busy += 1
        if not busy:
            return
    raise AssertionError("Still busy: a loop.")


def _filed(scene: Scene) -> list[Any]:
    from integrations.models import JobExecution

    return list(JobExecution.objects.filter(integration__organization=scene.organization, status="PENDING"))


def job(scene: Scene, title: str = "Attic", **values: Any) -> Any:
    return records.create(JOB, str(scene.organization.pk), {"title": title, **values}, PERSON)


def test_every_organization_begins_with_r0s_rules(scene: Scene) -> None:
    rules = Rule.objects.filter(organization=scene.organization).exclude(preset="")
    assert {rule.preset for rule in rules} == {preset.key for preset in PRESETS}
    assert all(rule.enabled for rule in rules)
    rules.filter(preset="job-created").delete()
    assert install(scene.organization) == 1


def test_from_a_first_job_to_its_item_and_back(scene: Scene) -> None:
    made = job(scene, "Attic", addressLine1="1 Elm")
    settle(scene)
    board = Board.objects.get(organization=scene.organization)
    item = Item.objects.get(board=board)
    assert (board.name, item.name, str(item.job_id)) == ("Active Jobs", "Attic", str(made.pk))
    records.update(JOB, str(scene.organization.pk), str(made.pk), {"title": "Attic and roof"}, PERSON)
    settle(scene)
    item.refresh_from_db()
    assert item.name == "Attic and roof"
    boards.update_item(scene.organization.pk, item.pk, {"status": "In Production"}, PERSON)
    settle(scene)
    made.refresh_from_db()
    assert made.status == "In Production"
    assert set(RuleFiring.objects.values_list("status", flat=True)) == {"DONE"}
    assert Item.objects.count() == 1
    assert Integration.objects.count() == 1


def test_switched_off_nothing_is_put_on_a_board(scene: Scene) -> None:
    for rule in Rule.objects.filter(organization=scene.organization).exclude(preset=""):
        services.change_rule(rule, enabled=False)
    job(scene)
    settle(scene)
    assert not Board.objects.exists()


def test_a_board_that_is_connected_already_is_used(scene: Scene) -> None:
    board = boards.active_jobs_board(scene.organization, origin=PERSON)
    connect_board(board, name="Mine")
    job(scene)
    settle(scene)
    assert (Integration.objects.get().name, Item.objects.filter(board=board).count()) == ("Mine", 1)


def test_a_board_that_is_missing_is_said(scene: Scene) -> None:
    trigger = {"type": "record.created", "resourceType": "job"}
    with pytest.raises(DocumentError, match="no board 'Elsewhere'"):
        scene.rule(trigger, {"type": "put_on_board", "board": "Elsewhere"})
    with pytest.raises(DocumentError, match="Only jobs"):
        scene.rule(CREATED, {"type": "put_on_board", "board": "Active Jobs"})


def test_a_rule_keeps_one_item_for_each_record(scene: Scene) -> None:
    boards.active_jobs_board(scene.organization, origin=PERSON)
    action = {
        "type": "board_item",
        "board": "Active Jobs",
        "name": "Check {title}",
        "values": {"address": "{project}", "due": "{dueDate}"},
    }
    rule = scene.rule(CREATED, action)
    scene.task("Attic", project="1 Elm", dueDate="2026-03-09")
    scene.work()
    item = Item.objects.get()
    assert (item.name, item.column_values["address"], str(item.date)) == ("Check Attic", "1 Elm", "2026-03-09")
    services.change_rule(rule, document={"trigger": UPDATED, "conditions": {}, "actions": [action]})
    task = TASK.model.objects.get()
    scene.edit(task, title="Roof", project="")
    scene.work()
    item.refresh_from_db()
    assert (item.name, "address" in item.column_values, Item.objects.count()) == ("Check Roof", False, 1)
    item.delete()
    scene.edit(task, title="Cellar")
    scene.work()
    assert Item.objects.count() == 0
    assert "stays deleted" in scene.firings(rule)[-1].outcomes[0]["detail"]


def test_columns_that_are_not_there_are_said(scene: Scene) -> None:
    boards.active_jobs_board(scene.organization, origin=PERSON)
    action = {"type": "board_item", "board": "Active Jobs", "name": "{title}", "values": {"nope": "1"}}
    with pytest.raises(DocumentError) as refused:
        scene.rule(CREATED, action)
    assert "It has: address" in refused.value.by_path()["actions[0].values.nope"][0]


def test_rules_that_chase_each_other_by_way_of_the_sync_are_stopped(scene: Scene) -> None:
    made = job(scene, "Attic")
    settle(scene)

    def again(kind: str, field: str, mark: str) -> Rule:
        trigger = {"type": "field.changed", "resourceType": kind, "field": field}
        return scene.rule(trigger, {"type": "set_fields", "values": {field: f"{{{field}}}{mark}"}})

    of_jobs, of_items = again("job", "title", "!"), again("item", "name", "?")
    records.update(JOB, str(scene.organization.pk), str(made.pk), {"title": "Roof"}, PERSON)
    settle(scene)
    made.refresh_from_db()
    assert made.title == "Roof!?"
    assert Item.objects.get().name == "Roof!?"
    assert (scene.statuses(of_jobs), scene.statuses(of_items)) == (["DONE", "STOPPED"], ["DONE"])
    assert "by way of others" in scene.firings(of_jobs)[-1].reason
    records.update(JOB, str(scene.organization.pk), str(made.pk), {"title": "Barn"}, PERSON)
    settle(scene)
    assert Item.objects.get().name == "Barn!?"
