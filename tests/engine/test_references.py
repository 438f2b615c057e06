"""References between records: resolved in bulk, held while their target is not linked, never lost."""

from __future__ import annotations

import pytest

from integrations.models import IntegrationMapping
from records import catalog, services
from records.models import Member, Task
from tests.engine.scene import PERSON, TASK, Scene

pytestmark = pytest.mark.django_db(transaction=True)


def member_here(scene: Scene, email: str) -> str:
    values = {"name": email.split("@")[0], "email": email}
    return str(services.create(catalog.get("member"), str(scene.organization.pk), values, PERSON).pk)


def assignee_there(scene: Scene, name: str) -> object:
    return next(e.fields["assignee"] for e in scene.twin.store.live("tasks") if e.fields["name"] == name)


def test_an_assignee_that_is_linked_later_arrives_here(scene: Scene) -> None:
    scene.connect("People and tasks", data_types=["TASKS"])
    person = scene.twin.hand_create("users", {"name": "Noor", "email": "noor@example.com"}).id
    scene.there("Paint", assignee=person)
    scene.sync()
    assert Task.objects.get(title="Paint", last_external_sync_at__isnull=False, assignee=None)
    everything = scene.connect("With people", data_types=["TASKS", "MEMBERS"])
    scene.sync(everything)
    linked = IntegrationMapping.objects.get(integration=everything, external_id=person)
    assert Task.objects.filter(title="Paint", assignee_id=linked.internal_id).exists()


def test_an_assignee_without_a_partner_there_is_sent_when_it_gets_one(scene: Scene) -> None:
    both = scene.connect("With people", data_types=["TASKS", "MEMBERS"])
    scene.sync(both)
    noor = member_here(scene, "noor@example.com")
    scene.here("Paint", assignedToId=noor)
    scene.sync(both)
    assert assignee_there(scene, "Paint") is None
    person = scene.twin.hand_create("users", {"name": "noor", "email": "Noor@example.com"}).id
    scene.sync(both)
    assert Member.objects.filter(email__iexact="noor@example.com").count() == 1
    assert assignee_there(scene, "Paint") == person


def test_a_held_reference_does_not_hold_back_the_other_fields(scene: Scene) -> None:
    both = scene.connect("With people", data_types=["TASKS", "MEMBERS"])
    task = scene.here("Paint")
    scene.sync(both)
    scene.edit_here(task, {"title": "Paint twice", "assignedToId": member_here(scene, "noor@example.com")})
    scene.sync(both)
    assert scene.names_there() == ["Paint twice"]
    scene.twin.hand_create("users", {"name": "noor", "email": "noor@example.com"})
    scene.sync(both)
    assert assignee_there(scene, "Paint twice") is not None


def test_chosen_items_are_pushed_alone(scene: Scene) -> None:
    chosen, other = scene.here("Chosen"), scene.here("Other")
    scene.sync(direction="push", items=(chosen,))
    assert scene.names_there() == ["Chosen"]
    services.delete(TASK, str(scene.organization.pk), other, PERSON)
