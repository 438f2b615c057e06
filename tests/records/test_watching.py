"""Changes of a type that somebody watches are kept for the watcher, with their values before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from records import catalog, services, watching
from records.models import LocalChange, Task
from records.origins import SYSTEM
from records.signals import local_change_written
from tests.records.factories import ContactFactory, TaskFactory

pytestmark = pytest.mark.django_db

TASK = catalog.get("task")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def _tasks_are_watched() -> Iterator[None]:
    def question(organization_id: str, key: str) -> bool:
        return key == "task"

    watching.register(question)
    yield
    watching.unregister(question)


def last() -> LocalChange:
    return LocalChange.objects.latest("id")


def test_what_nobody_watches_is_not_kept() -> None:
    task = Task.objects.get(pk=TaskFactory().pk)
    task.title = "new"
    task.save()
    assert set(LocalChange.objects.values_list("watched", "details")) == {(False, None)}


@pytest.mark.usefixtures("_tasks_are_watched")
def test_a_save_notes_values_before_and_after() -> None:
    task = Task.objects.get(pk=TaskFactory(title="old", labels=["a"]).pk)
    task.title, task.labels = "new", ["b", "a"]
    task.save()
    assert last().watched
    assert last().details == {
        "before": {"title": "old", "labels": ["a"]},
        "after": {"title": "new", "labels": ["a", "b"]},
    }


@pytest.mark.usefixtures("_tasks_are_watched")
def test_only_the_watched_type_is_kept() -> None:
    ContactFactory()
    assert not last().watched
    TaskFactory()
    assert (last().watched, last().details) == (True, None)


@pytest.mark.usefixtures("_tasks_are_watched")
def test_bulk_writes_note_the_values_of_each_record() -> None:
    one, two = TaskFactory(title="one", project="p"), TaskFactory(title="two", project="q")
    same = TaskFactory(title="x\ty", project="r", organization=one.organization)
    two.organization = one.organization
    Task.all_objects.filter(pk=two.pk).update(organization=one.organization)
    changes: list[tuple[str, dict[str, Any]]] = [
        (str(one.pk), {"title": "uno", "project": "p"}),
        (str(two.pk), {"title": "dos", "project": "q2"}),
        (str(same.pk), {"title": "x\ty", "project": "r"}),
    ]
    written = services.bulk_update(TASK, str(one.organization_id), changes, origin=SYSTEM, now=NOW)
    assert written == {str(one.pk), str(two.pk)}
    kept = {str(change.record_id): change.details for change in LocalChange.objects.filter(action="update")}
    assert kept == {
        str(one.pk): {"before": {"title": "one"}, "after": {"title": "uno"}},
        str(two.pk): {"before": {"title": "two", "project": "q"}, "after": {"title": "dos", "project": "q2"}},
    }
    services.bulk_delete(TASK, str(one.organization_id), [str(one.pk)], origin=SYSTEM, now=NOW)
    assert (last().action, last().watched, last().details) == ("delete", True, None)


@pytest.mark.usefixtures("_tasks_are_watched")
@pytest.mark.django_db(transaction=True)
def test_the_news_say_whether_somebody_watches() -> None:
    heard: list[bool] = []

    def hear(sender: Any, watched: bool, **_news: Any) -> None:
        heard.append(watched)

    local_change_written.connect(hear)
    try:
        ContactFactory()
        with transaction.atomic():
            organization = ContactFactory().organization
            TaskFactory(organization=organization)
    finally:
        local_change_written.disconnect(hear)
    assert heard == [False, True]
