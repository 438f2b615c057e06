"""One record that cannot be had is parked with a reason; its page, its chunk and its run go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import serve
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.connect import connect
from integrations.enums import JobStatus, MappingStatus
from integrations.models import ExternalChange, IntegrationMapping, ParkedRecord, SyncLog
from integrations.services import save_mapping
from integrations.starters import starter_mappings
from records.models import ParticipationLog, Task
from sync_engine import build, queues
from sync_engine.ports import ports
from tests.engine.rest_scene import RestScene, mapping
from tests.engine.scene import Scene

PARENT = {
    "externalField": "parent.gid",
    "internalField": "parentId",
    "transform": {"type": "lookup", "resourceType": "TASK", "lookupField": "externalId"},
}
HOURS = [
    {"externalField": "minutes", "internalField": "minutes", "transform": "number"},
    {"externalField": "text", "internalField": "description", "transform": "string"},
]


@pytest.fixture
def rest(whole_runs: None) -> Iterator[RestScene]:
    twin = GenericRestTwin()
    with serve(0, [twin]) as running:
        yield RestScene(twin, running)


@pytest.fixture
def nested(scene: Scene) -> Scene:
    """Tasks with their parents, both ways."""
    document = dict(starter_mappings("asana")["task"])
    for rules in ("externalToInternal", "internalToExternal"):
        document[rules] = [*document[rules], PARENT]
    save_mapping(scene.asana, "task", document)
    return scene


def look_again(scene: Scene, *gids: str) -> None:
    """As thin webhooks do."""
    shape = build.shapes(scene.asana, connect(scene.asana, clock=ports().clock), resource_types=["task"])[0]
    queues.enqueue_rereads(shape, gids, "webhook", ports().clock.now())


def refuses(scene: Scene, gid: str, words: str) -> None:
    """Asana answers 400 whenever this task is read by itself, and has no batch reads."""
    scene.twin.faults.add(Fault("server_error", ("POST", "^/batch$"), times=None, params={"status": 400}))
    gone = {"status": 400, "message": words}
    scene.twin.faults.add(Fault("server_error", ("GET", f"^/tasks/{gid}$"), times=None, params=gone))


def test_a_record_that_is_refused_does_not_hold_up_those_read_with_it(scene: Scene) -> None:
    gids = [scene.there(name) for name in ("a", "b", "c")]
    scene.sync()
    refuses(scene, gids[1], "This task is locked.")
    for gid in gids:
        scene.edit_there(gid, name="edited")
    look_again(scene, *gids)
    IntegrationMapping.objects.update(missing_since=ports().clock.now())
    result = scene.sync(direction="pull")
    assert (result.run.status, result.error) == (JobStatus.COMPLETED, "")
    assert scene.titles_here().count("edited") >= 2
    log = SyncLog.objects.filter(status="FAILED", external_id=gids[1]).first()
    assert log is not None
    assert (log.failure, "locked" in log.error_message) == ("rejected", True)
    assert not ExternalChange.objects.filter(external_id__in=[gids[0], gids[2]]).exists()


def test_an_unknown_record_that_is_refused_is_parked(scene: Scene) -> None:
    scene.sync()
    gid = scene.there("new", memberships=[])
    scene.twin.store.get("tasks", gid).fields["memberships"] = []  # type: ignore[union-attr]
    refuses(scene, gid, "This task is locked.")
    look_again(scene, gid)
    assert not scene.sync().error
    assert "locked" in ParkedRecord.objects.get(record_id=gid).reason


def test_a_pushed_record_that_cannot_be_read_does_not_stop_its_chunk(scene: Scene) -> None:
    ids = [scene.here(name) for name in ("a", "b", "c")]
    scene.sync()
    gid = IntegrationMapping.objects.get(internal_id=ids[1]).external_id
    refuses(scene, gid, "This task is locked.")
    for number, task in enumerate(ids):
        scene.edit_here(task, {"title": f"edited {number}"})
    scene.sync(direction="push")
    assert scene.names_there() == ["b", "edited 0", "edited 2"]
    link = IntegrationMapping.objects.get(internal_id=ids[1])
    assert (link.sync_status, "locked" in link.reason) == (MappingStatus.ERROR, True)


def test_a_negative_number_is_parked_where_none_may_stand(rest: RestScene) -> None:
    rest.connect("participation_log", "events", mapping("participation_log", HOURS), "PARTICIPATION_LOGS")
    bad = rest.twin.hand_create("events", {"minutes": -30, "text": "bad"}).id
    rest.twin.hand_create("events", {"minutes": 30, "text": "good"})
    result = rest.sync()
    assert (result.error, result.counters["created"]) == ("", 1)
    assert ParticipationLog.objects.get().minutes == 30
    parked = ParkedRecord.objects.get(record_id=bad)
    assert parked.reason == "minutes is -30; it may not be negative."
    rest.twin.hand_update("events", bad, {"minutes": 45})
    rest.sync()
    assert sorted(ParticipationLog.objects.values_list("minutes", flat=True)) == [30, 45]
    assert not ParkedRecord.objects.exists()


def test_a_linked_record_keeps_its_number_when_it_turns_negative_there(rest: RestScene) -> None:
    rest.connect("participation_log", "events", mapping("participation_log", HOURS), "PARTICIPATION_LOGS")
    entry = rest.twin.hand_create("events", {"minutes": 30, "text": "a"}).id
    rest.sync()
    rest.twin.hand_update("events", entry, {"minutes": -1})
    assert not rest.sync().error
    assert ParticipationLog.objects.get().minutes == 30
    assert IntegrationMapping.objects.get().reason == "minutes is -1; it may not be negative."


@pytest.fixture
def ghost(scene: Scene) -> tuple[Any, str]:
    """A person at Asana whose link leads to a member that somebody deleted for good. (integration, gid)"""
    both = scene.connect("With people", data_types=["TASKS", "MEMBERS"])
    gid = scene.twin.hand_create("users", {"name": "Noor", "email": "noor@example.com"}).id
    scene.sync(both)
    link = IntegrationMapping.objects.get(integration=both, external_id=gid)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_member WHERE id = %s", [link.internal_id])
    return both, gid


def test_a_reference_that_leads_nowhere_parks_its_record_alone(scene: Scene, ghost: tuple[Any, str]) -> None:
    both, person = ghost
    bad = scene.there("for nobody", assignee=person)
    scene.there("fine")
    result = scene.sync(both, resource_types=("task",))
    assert (result.error, scene.titles_here()) == ("", ["fine"])
    assert "there is no such member" in ParkedRecord.objects.get(integration=both, record_id=bad).reason


def test_an_update_that_leads_nowhere_parks_its_link_alone(scene: Scene, ghost: tuple[Any, str]) -> None:
    both, person = ghost
    gids = [scene.there("a"), scene.there("b")]
    scene.sync(both, resource_types=("task",))
    scene.edit_there(gids[0], assignee=person, name="a 2")
    scene.edit_there(gids[1], name="b 2")
    assert not scene.sync(both, resource_types=("task",)).error
    assert scene.titles_here() == ["a", "b 2"]
    assert "there is no such member" in IntegrationMapping.objects.get(integration=both, external_id=gids[0]).reason


def test_a_circle_of_parents_is_parked(nested: Scene) -> None:
    top = nested.there("top")
    below = nested.there("below", parent=top)
    nested.sync()
    nested.sync()
    assert Task.objects.get(title="below").parent == Task.objects.get(title="top")
    nested.twin.store.get("tasks", below).fields["parent"] = None  # type: ignore[union-attr]
    nested.edit_there(top, parent=below, name="top 2")
    nested.twin.store.get("tasks", below).fields["parent"] = top  # type: ignore[union-attr]
    result = nested.sync()
    assert not result.error
    assert Task.objects.get(title="top").parent is None
    assert "below itself" in IntegrationMapping.objects.get(external_id=top).reason


def test_a_hierarchy_that_was_turned_round_arrives(nested: Scene) -> None:
    top = nested.there("top")
    below = nested.there("below", parent=top)
    nested.sync()
    nested.sync()
    nested.edit_there(below, parent=None)
    nested.edit_there(top, parent=below)
    nested.sync()
    assert Task.objects.get(title="top").parent == Task.objects.get(title="below")
