"""R0's success criteria: jobs and items in step, both ways, without loops, every operation logged."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from conflicts.models import ConflictResolution
from integrations.models import IntegrationMapping, ParkedRecord, SyncLog
from jobs_boards import services
from jobs_boards.models import BoardColumn, Item, Job, JobStateChange
from jobs_boards.templates import Column
from records import services as records
from records.models import Organization
from sync_engine.jobs.boards import connect_board
from sync_engine.running import runs
from tests.jobs_boards.conftest import PERSON
from tests.jobs_boards.scene import ITEM, JOB, Hub
from tests.records.factories import MemberFactory, OrganizationFactory

START = "2026-03-02T08:00:00.000000Z"


def test_a_new_job_makes_its_item(hub: Hub) -> None:
    lead = MemberFactory(organization=hub.organization)
    job = hub.job(
        "Attic of the Smiths", number="J-1", leadTechnicianId=str(lead.pk), addressLine1="1 Elm", scheduledStart=START
    )
    hub.settle()
    item = hub.item_of(job)
    assert item.name == "Attic of the Smiths"
    created = hub.values(item).pop("created")
    assert created == job.created_at.isoformat().replace("+00:00", "Z")
    assert hub.values(item) == {
        "status": "Requires Crew Lead",
        "lead": str(lead.pk),
        "job": str(job.pk),
        "address": "1 Elm",
        "number": "J-1",
        "start": START,
        "created": created,
    }
    assert item.group is not None
    assert item.group.name == "This month"


def test_a_changed_job_changes_its_item(hub: Hub) -> None:
    job = hub.job("Attic")
    hub.settle()
    hub.edit_job(job, title="Roof", status="In Production", addressLine1="2 Elm")
    hub.settle()
    (item,) = hub.items()
    assert (item.name, item.status, item.column_values["address"]) == ("Roof", "In Production", "2 Elm")


def test_an_edited_item_changes_its_job(hub: Hub) -> None:
    lead = MemberFactory(organization=hub.organization)
    job = hub.job("Attic")
    hub.settle()
    hub.edit_item(hub.item_of(job), status="Pre-Production", lead=str(lead.pk), start=START)
    hub.settle()
    job = hub.fresh(job)
    assert (job.status, job.lead_technician_id, job.scheduled_start) == (
        "Pre-Production", lead.pk, datetime.fromisoformat(START),
    )  # fmt: skip
    change = JobStateChange.objects.get(job=job)
    assert (change.new_status, change.origin_kind) == ("Pre-Production", "integration")


def test_nothing_goes_round_in_circles(hub: Hub) -> None:
    job = hub.job("Attic")
    assert hub.settle() <= 3
    hub.edit_job(job, status="In Production")
    assert hub.settle() <= 3
    hub.edit_item(hub.item_of(job), status="Closed Job")
    assert hub.settle() <= 3
    logs, stamp = SyncLog.objects.count(), hub.item_of(job).updated_at
    for full in (False, True):
        assert hub.sync(full=full).counters["pushed"] == 0
    assert (SyncLog.objects.count(), hub.item_of(job).updated_at) == (logs, stamp)


def test_different_fields_edited_on_both_sides_are_both_kept(hub: Hub) -> None:
    job = hub.job("Attic")
    hub.settle()
    hub.edit_job(job, title="Roof")
    hub.edit_item(hub.item_of(job), status="In Production")
    hub.settle()
    assert (hub.fresh(job).title, hub.fresh(job).status) == ("Roof", "In Production")
    assert (hub.item_of(job).name, hub.item_of(job).status) == ("Roof", "In Production")


@pytest.mark.parametrize(
    ("strategy", "wins"),
    [("LOCAL_WINS", "In Production"), ("EXTERNAL_WINS", "Closed Job"), ("LATEST_WINS", "Closed Job")],
)
def test_the_same_field_edited_on_both_sides_goes_by_the_strategy(hub: Hub, strategy: str, wins: str) -> None:
    hub.integration.conflict_strategy = strategy
    hub.integration.save()
    job = hub.job("Attic")
    hub.settle()
    later = timezone.now() + timedelta(seconds=10)
    hub.edit_job(job, status="In Production")
    services.update_item(hub.pk, hub.item_of(job).pk, {"status": "Closed Job"}, PERSON, now=later)
    hub.settle()
    assert (hub.fresh(job).status, hub.item_of(job).status) == (wins, wins)
    assert ConflictResolution.objects.exclude(status="PENDING").count() == 1


def test_a_conflict_for_a_person_waits_and_harms_nothing(hub: Hub) -> None:
    hub.integration.conflict_strategy = "MANUAL_REVIEW"
    hub.integration.save()
    job = hub.job("Attic")
    hub.settle()
    hub.edit_job(job, status="In Production", title="Roof")
    hub.edit_item(hub.item_of(job), status="Closed Job")
    hub.settle()
    assert (hub.fresh(job).status, hub.item_of(job).status) == ("In Production", "Closed Job")
    assert hub.item_of(job).name == "Roof"
    assert ConflictResolution.objects.filter(status="PENDING").count() == 1


def test_every_operation_is_logged(hub: Hub) -> None:
    job = hub.job("Attic")
    hub.settle()
    hub.edit_job(job, title="Roof")
    hub.settle()
    hub.edit_item(hub.item_of(job), status="Closed Job")
    hub.settle()
    found = SyncLog.objects.filter(integration=hub.integration).order_by("id")
    assert [(one.operation, one.direction, one.resource_id) for one in found] == [
        ("CREATE", "LOCAL_TO_EXTERNAL", str(job.pk)),
        ("UPDATE", "LOCAL_TO_EXTERNAL", str(job.pk)),
        ("UPDATE", "EXTERNAL_TO_LOCAL", str(job.pk)),
    ]
    assert found[2].before == {"status": "Requires Crew Lead"}
    assert found[2].after == {"status": "Closed Job"}


def test_an_item_without_a_job_is_left_alone(hub: Hub) -> None:
    item = hub.item("Buy nails", status="In Production")
    hub.settle()
    hub.sync(full=True)
    assert not Job.objects.exists()
    assert hub.values(item) == {"status": "In Production"}


def test_an_item_without_a_job_becomes_one_where_that_is_chosen(whole_runs: None, organization: Organization) -> None:
    hub = Hub(organization, unlinked_items="create_job")
    item = hub.item("Attic", status="Pending Review", address="1 Elm")
    hub.settle()
    job = Job.objects.get()
    assert (job.title, job.status, job.address_line1) == ("Attic", "Pending Review", "1 Elm")
    assert Item.objects.get(pk=item.pk).job_id == job.pk
    assert hub.sync(full=True).counters["created"] == 0


def test_an_item_without_a_status_becomes_a_job_in_the_first_one_and_hears_of_it(
    whole_runs: None, organization: Organization
) -> None:
    hub = Hub(organization, unlinked_items="create_job")
    item = hub.item("Attic")
    hub.settle()
    job = Job.objects.get()
    assert (job.title, job.status) == ("Attic", "Requires Crew Lead")
    assert Item.objects.get(pk=item.pk).status == "Requires Crew Lead"
    assert not ParkedRecord.objects.exists()
    logs = SyncLog.objects.count()
    assert hub.sync(full=True).counters["pushed"] == 0
    assert SyncLog.objects.count() == logs


def test_an_item_that_names_a_job_is_joined_to_it(hub: Hub) -> None:
    hub.integration.settings |= {"scope": {"job": {"status": ["Closed Job"]}}}
    hub.integration.save()
    job = hub.job("Attic", addressLine1="1 Elm")
    item = hub.item("Attic", job=str(job.pk))
    second = hub.item("Attic again", job=str(job.pk))
    hub.settle()
    assert hub.values(item)["address"] == "1 Elm"
    assert Job.objects.count() == 1
    assert "address" not in hub.values(second)
    link = IntegrationMapping.objects.get()
    assert (str(link.internal_id), link.external_id) == (str(job.pk), str(item.pk))


def test_jobs_go_to_the_boards_that_they_belong_to(hub: Hub) -> None:
    columns = (
        Column("status", "Status", "status", {"labels": []}, main=True),
        Column("job", "Job", "link", main=True),
        *(Column(key, key.title(), "text") for key in ("address", "number")),
        *(Column(key, key.title(), "date", {"time": True}) for key in ("start", "end", "created")),
        Column("lead", "Lead", "people", main=True),
    )
    money = services.create_board(hub.organization, "Money", columns, origin=PERSON)
    second = connect_board(money, settings={"scope": {"job": {"status": ["pending payment", "Closed Job"]}}})
    hub.sync(second)
    early, paid = hub.job("Early"), hub.job("Paid", status="Pending Payment")
    hub.settle()
    assert [item.name for item in hub.items()] == ["Early", "Paid"]
    assert [item.name for item in hub.items(money)] == ["Paid"]
    hub.edit_job(early, status="Closed Job")
    hub.settle()
    assert [item.name for item in hub.items(money)] == ["Paid", "Early"]
    hub.edit_item(hub.item_of(paid, money), name="Paid in full")
    hub.settle()
    assert hub.fresh(paid).title == hub.item_of(paid).name == "Paid in full"


def test_a_status_that_the_board_does_not_know_becomes_a_label(hub: Hub) -> None:
    job = hub.job("Attic", status="Waiting for parts")
    hub.settle()
    assert hub.item_of(job).status == "Waiting for parts"
    column = BoardColumn.objects.get(board=hub.board, key="status")
    assert column.spec.labels[-1] == {"name": "Waiting for parts", "color": "gray"}


def test_a_deleted_item_parts_from_its_job(hub: Hub) -> None:
    job = hub.job("Attic")
    hub.settle()
    records.delete(ITEM, hub.pk, str(hub.item_of(job).pk), PERSON)
    hub.settle()
    assert hub.fresh(job).deleted_at is None
    hub.edit_job(job, title="Roof")
    hub.settle()
    assert hub.items() == []


def test_a_deleted_job_takes_its_item_along_and_brings_it_back(hub: Hub) -> None:
    job = hub.job("Attic")
    hub.settle()
    records.delete(JOB, hub.pk, str(job.pk), PERSON)
    hub.settle()
    assert hub.items() == []
    records.restore(JOB, hub.pk, str(job.pk), PERSON)
    hub.settle()
    assert [item.name for item in hub.items()] == ["Attic"]


def test_a_plan_shows_what_would_be_done_and_does_nothing(hub: Hub) -> None:
    hub.integration.settings |= {"scope": {"job": {"number": ["J-1"]}}}
    hub.integration.save()
    hub.job("Attic", number="J-1")
    hub.job("Elsewhere", number="J-2")
    planned = hub.sync(dry_run=True, full=True)
    assert planned.run.progress == {"planned": 1}
    assert hub.items() == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"board": "Nowhere"}, "There is no board 'Nowhere'"),
        ({"group": "Nowhere"}, "has no group 'Nowhere'"),
        ({"scope": {"job": {"colour": ["red"]}}}, "job.colour, which does not exist"),
        ({"scope": {"job": {"status": "red"}}}, "needs a list of values"),
    ],
)
def test_settings_that_cannot_work_say_so(hub: Hub, given: dict[str, object], words: str) -> None:
    hub.integration.settings |= given
    hub.integration.save()
    hub.job("Attic")
    assert words in runs.execute(hub.integration, runs.Options()).error


def test_a_column_that_was_removed_is_named(hub: Hub) -> None:
    BoardColumn.objects.get(board=hub.board, key="address").delete()
    hub.job("Attic", addressLine1="1 Elm")
    assert "no column 'address'" in runs.execute(hub.integration, runs.Options()).error


def test_another_organizations_board_cannot_be_chosen(hub: Hub, whole_runs: None) -> None:
    theirs = services.create_board(OrganizationFactory(), "Theirs", ())
    hub.integration.settings |= {"board": str(theirs.pk)}
    hub.integration.save()
    assert "There is no board" in runs.execute(hub.integration, runs.Options()).error
