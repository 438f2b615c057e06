from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse

from records.models import LocalChange, Task
from records.origins import Origin, writing_as
from records.signals import local_change_written

from .factories import MemberFactory, TaskFactory

pytestmark = pytest.mark.django_db


def _last() -> LocalChange:
    return LocalChange.objects.order_by("id")[LocalChange.objects.count() - 1]


def test_a_save_notes_the_fields_that_changed() -> None:
    task = Task.objects.get(id=TaskFactory().id)
    task.title, task.assignee = "new", MemberFactory(organization=task.organization)
    with writing_as(Origin("api", "7", "ann")):
        task.save()
    change = _last()
    assert (change.action, change.fields) == ("update", ["title", "assignedToId"])
    assert (change.origin_kind, change.origin_id, change.actor) == ("api", "7", "ann")


def test_a_list_changed_in_place_is_noticed() -> None:
    task = TaskFactory(labels=["b"])
    task.labels.append("a")
    task.save()
    assert _last().fields == ["labels"]


def test_a_save_that_changes_no_synced_field_notes_nothing() -> None:
    task = TaskFactory()
    task.save()
    task.external_sync_enabled = False
    task.save()
    assert LocalChange.objects.count() == 1


def test_a_save_does_not_take_back_what_another_wrote_meanwhile() -> None:
    mine = TaskFactory(title="old", description="old")
    yours = Task.objects.get(id=mine.id)
    yours.description = "yours"
    yours.save()
    mine.title = "mine"
    mine.save()
    mine.refresh_from_db()
    assert (mine.title, mine.description) == ("mine", "yours")


def test_deleting_a_queryset_is_soft_and_noted() -> None:
    TaskFactory()
    Task.objects.all().delete()
    assert Task.all_objects.count() == 1
    assert _last().action == "delete"


@pytest.mark.django_db(transaction=True)
def test_the_signal_comes_once_a_transaction_and_only_after_its_commit(news: list) -> None:
    with transaction.atomic():
        task = TaskFactory()
        TaskFactory(organization=task.organization)
        MemberFactory(organization=task.organization)
        assert news == []
    assert news == [(str(task.organization_id), frozenset({"task", "member"}))]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_does_not_silence_what_follows(news: list) -> None:
    with transaction.atomic():
        with transaction.atomic():
            TaskFactory()
            transaction.set_rollback(True)
        task = TaskFactory()
    assert news == [(str(task.organization_id), frozenset({"task"}))]
    assert LocalChange.objects.count() == 1


@pytest.fixture
def news():
    heard: list = []

    def hear(sender, organization_id, resource_types, **_) -> None:
        heard.append((organization_id, resource_types))

    local_change_written.connect(hear, dispatch_uid="test")
    yield heard
    local_change_written.disconnect(dispatch_uid="test")


def test_the_console_writes_under_the_name_of_the_person(client) -> None:
    client.force_login(get_user_model().objects.create_superuser("ann"))
    task = TaskFactory()
    url = reverse("admin:records_task_delete", args=[task.id])
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert (_last().action, _last().origin_kind, _last().actor) == ("delete", "user", "ann")
    assert client.get(reverse("admin:records_task_changelist"), {"deleted": "yes"}).status_code == 200
