from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from records import catalog, selectors, services
from records.ids import system_ids
from records.models import LocalChange, Task
from records.origins import Origin
from records.services import InvalidValues, RecordNotFound
from records.validation import validator

from .factories import MemberFactory, OrganizationFactory, TaskFactory

pytestmark = pytest.mark.django_db
TASK, MEMBER = catalog.get("TASK"), catalog.get("MEMBER")
ORIGIN = Origin("integration", "i-1", "Asana")
NAMES = ("title", "labels", "dueDate", "externalMetadata")
VALUES = ("a\tb\\N\n", ['"q"', "b\\"], "2026-01-02", {"k": ["\\", "\t"]})


def test_bulk_and_single_leave_the_same() -> None:
    organization_id, now = str(OrganizationFactory().id), timezone.now()
    one, many = system_ids.many(2)
    services.create(TASK, organization_id, dict(zip(NAMES, VALUES, strict=True)), ORIGIN, record_id=one, now=now)
    services.bulk_create(TASK, organization_id, NAMES, [(many, VALUES)], origin=ORIGIN, now=now)
    assert _columns(one) == _columns(many)
    edit = {"title": "new", "labels": None, "status": "COMPLETED"}
    services.update(TASK, organization_id, one, edit, ORIGIN, now=now)
    assert services.bulk_update(TASK, organization_id, [(many, edit)], origin=ORIGIN, now=now) == {many}
    assert _columns(one) == _columns(many)
    assert _changes(one) == _changes(many)


def _columns(record_id: str) -> dict:
    row = Task.all_objects.filter(id=record_id).values().get()
    return {name: value for name, value in row.items() if name != "id"}


def _changes(record_id: str) -> list:
    rows = LocalChange.objects.filter(record_id=record_id).order_by("id")
    return [(row.action, sorted(row.fields or []), row.origin_kind, row.origin_id, row.actor) for row in rows]


def test_values_that_are_there_already_write_nothing() -> None:
    task = TaskFactory(title="same")
    where = (TASK, str(task.organization_id))
    assert services.bulk_update(*where, [(str(task.id), {"title": "same"})], origin=ORIGIN, now=timezone.now()) == set()
    assert [action for action, *_ in _changes(task.id)] == ["create"]


def test_deletion_is_soft_and_undone_by_restore() -> None:
    task = TaskFactory()
    where = (TASK, str(task.organization_id), str(task.id))
    assert services.delete(*where, ORIGIN)
    assert not services.delete(*where, ORIGIN)
    assert not Task.objects.filter(id=task.id).exists()
    assert selectors.read(TASK, where[1], [where[2]], ("title",))[where[2]].deleted
    assert services.restore(*where, ORIGIN)
    assert Task.objects.filter(id=task.id).exists()
    assert [action for action, *_ in _changes(task.id)] == ["create", "delete", "restore"]


def test_a_rollback_leaves_neither_record_nor_change() -> None:
    organization_id = str(OrganizationFactory().id)
    with transaction.atomic():
        rows = [(system_ids.new(), ("x",))]
        services.bulk_create(TASK, organization_id, ("title",), rows, origin=ORIGIN, now=timezone.now())
        transaction.set_rollback(True)
    assert not Task.all_objects.exists()
    assert not LocalChange.objects.exists()


def test_a_reference_to_another_organization_is_refused() -> None:
    organization_id, stranger = str(OrganizationFactory().id), str(MemberFactory().id)
    with pytest.raises(InvalidValues, match="there is no such member"):
        services.create(TASK, organization_id, {"title": "x", "assignedToId": stranger}, ORIGIN)
    rows = [(system_ids.new(), ("x", stranger))]
    with pytest.raises(InvalidValues, match="assignedToId"):
        services.bulk_create(TASK, organization_id, ("title", "assignedToId"), rows, origin=ORIGIN, now=timezone.now())


def test_a_child_may_stand_before_its_parent_in_a_batch() -> None:
    organization_id, (parent, child) = str(OrganizationFactory().id), system_ids.many(2)
    rows = [(child, ("child", parent)), (parent, ("parent", None))]
    services.bulk_create(TASK, organization_id, ("title", "parentId"), rows, origin=ORIGIN, now=timezone.now())
    assert Task.objects.get(id=child).parent.title == "parent"


def test_every_fault_is_named() -> None:
    with pytest.raises(InvalidValues) as caught:
        services.create(TASK, str(OrganizationFactory().id), {"status": "DONE", "colour": "red"}, ORIGIN)
    assert [error.split(" ")[0] for error in caught.value.errors] == ["Task", "status", "title"]


def test_another_organization_s_record_is_not_found() -> None:
    task = TaskFactory()
    with pytest.raises(RecordNotFound):
        services.update(TASK, str(OrganizationFactory().id), str(task.id), {"title": "mine"}, ORIGIN)


def test_match_keys_are_found_without_regard_to_case_among_the_living() -> None:
    ann = MemberFactory(email="Ann@Example.org")
    MemberFactory(organization=ann.organization, email="gone@example.org").delete()
    MemberFactory(email="ann@example.org")
    found = selectors.find_by(MEMBER, str(ann.organization_id), "email", ["ANN@example.ORG", "gone@example.org", None])
    assert found == {"ann@example.org": [str(ann.id)]}


def test_a_listing_covers_each_record_once() -> None:
    tasks = [TaskFactory(organization=OrganizationFactory(slug="one"))]
    tasks += [TaskFactory(organization=tasks[0].organization) for _ in range(4)]
    seen: list[str] = []
    while entries := selectors.iterate(TASK, str(tasks[0].organization_id), ("title",), seen[-1] if seen else None, 2):
        seen += [entry.id for entry in entries]
    assert seen == sorted(str(task.id) for task in tasks)


def test_an_alias_reaches_the_same_field() -> None:
    member = MemberFactory()
    where = (MEMBER, str(member.organization_id))
    services.update(*where, str(member.id), {"profile.totalEquityUnits": "12.5"}, ORIGIN)
    assert selectors.read(*where, [str(member.id)], ("equityUnits",))[str(member.id)].values == ("12.5",)


def test_another_app_s_model_syncs_like_ours() -> None:
    boat, organization_id = catalog.get("boat"), str(OrganizationFactory().id)
    record_id, now = system_ids.new(), timezone.now()
    services.bulk_create(boat, organization_id, ("name",), [(record_id, ("Anna",))], origin=ORIGIN, now=now)
    names = ("name", "seats", "lengthMetres")
    assert selectors.read(boat, organization_id, [record_id], names)[record_id].values == ("Anna", 4, None)
    assert LocalChange.objects.get().resource_type == "boat"


def test_numbers_that_the_column_refuses_are_named_before() -> None:
    organization_id = str(OrganizationFactory().id)
    log = catalog.get("participation_log")
    with pytest.raises(InvalidValues, match="minutes is -5; it may not be negative"):
        services.create(log, organization_id, {"minutes": -5}, ORIGIN)
    assert validator(log, ("minutes",))((-1,)) == ["minutes is -1; it may not be negative."]
    assert validator(log, ("minutes",))((0,)) == []


def test_a_task_is_never_its_own_ancestor() -> None:
    top, middle, leaf = (TaskFactory(organization=organization) for organization in [OrganizationFactory()] * 3)
    where = (TASK, str(top.organization_id))
    services.update(*where, str(middle.id), {"parentId": str(top.id)}, ORIGIN)
    services.update(*where, str(leaf.id), {"parentId": str(middle.id)}, ORIGIN)
    for record, parent in ((top, leaf), (top, top)):
        with pytest.raises(InvalidValues, match="parentId would put the record below itself"):
            services.update(*where, str(record.id), {"parentId": str(parent.id)}, ORIGIN)
        changes = [(str(record.id), {"parentId": str(parent.id)})]
        with pytest.raises(InvalidValues, match="below itself"), transaction.atomic():
            services.bulk_update(*where, changes, origin=ORIGIN, now=timezone.now())
    turned = [(str(middle.id), {"parentId": str(leaf.id)}), (str(leaf.id), {"parentId": str(top.id)})]
    assert len(services.bulk_update(*where, turned, origin=ORIGIN, now=timezone.now())) == 2
