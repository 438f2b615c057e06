"""The admin's tables of records: a steward works in the own organizations, and learns of no others."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from records.models import Member, Task
from tests.console.conftest import person
from tests.engine.scene import Scene
from tests.records.factories import MemberFactory, OrganizationFactory, TaskFactory

LIST = reverse("admin:records_task_changelist")


@pytest.fixture
def foreign(scene: Scene) -> Task:
    task: Task = TaskFactory(title="Of others", organization=OrganizationFactory(name="Other people"))
    return task


def test_a_steward_sees_and_edits_own_records_alone(scene: Scene, steward: Client, foreign: Task) -> None:
    own = scene.here("Ours")
    page = steward.get(LIST).content.decode()
    assert "Ours" in page
    assert "Of others" not in page
    assert "Other people" not in page
    assert steward.get(reverse("admin:records_task_change", args=[own])).status_code == 200
    assert steward.get(reverse("admin:records_task_change", args=[foreign.pk])).status_code == 302


def test_a_record_is_not_given_to_others_nor_to_their_people(scene: Scene, steward: Client, foreign: Task) -> None:
    stranger: Member = MemberFactory(organization=foreign.organization)
    sent = {"title": "Smuggled", "status": "TODO", "labels": "", "external_metadata": "null"}
    for given in (
        {"organization": str(foreign.organization_id)},
        {"organization": str(scene.organization.pk), "assignee": str(stranger.pk)},
        {"organization": str(scene.organization.pk), "parent": str(foreign.pk)},
    ):
        answer = steward.post(reverse("admin:records_task_add"), {**sent, **given})
        assert answer.status_code == 200, given
        assert "Select a valid choice" in answer.content.decode(), given
    assert not Task.all_objects.filter(title="Smuggled").exists()
    steward.post(reverse("admin:records_task_add"), {**sent, "organization": str(scene.organization.pk)})
    assert Task.objects.filter(title="Smuggled", organization=scene.organization).exists()


def test_choices_offered_while_typing_are_own_ones(scene: Scene, steward: Client, foreign: Task) -> None:
    MemberFactory(organization=foreign.organization, name="Somebody else")
    MemberFactory(organization=scene.organization, name="Somebody of ours")
    query = {"app_label": "records", "model_name": "task", "field_name": "assignee", "term": "Somebody"}
    found = steward.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [one["text"] for one in found] == ["Somebody of ours"]


@pytest.mark.parametrize("name", ["records_organization", "records_localchange", "jobs_boards_job"])
def test_other_tables_show_own_rows_alone(scene: Scene, steward: Client, foreign: Task, name: str) -> None:
    answer = steward.get(reverse(f"admin:{name}_changelist"))
    assert answer.status_code in (200, 403)
    assert "Other people" not in answer.content.decode()


def test_staff_without_a_role_see_no_records(scene: Scene) -> None:
    assert person("clerk", scene.organization).get(LIST).status_code == 403


def test_the_sidebar_leads_a_steward_to_the_records(steward: Client) -> None:
    assert LIST in steward.get(reverse("console:dashboard")).content.decode()
