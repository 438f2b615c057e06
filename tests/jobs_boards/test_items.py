"""Items are written by column key, wherever a value stands, and only as their columns allow."""

from __future__ import annotations

import pytest

from jobs_boards import selectors, services
from jobs_boards.models import Board, BoardColumn, Item
from records import catalog
from records.models import LocalChange, Organization
from records.origins import Origin
from records.services import InvalidValues, RecordNotFound
from records.services import update as update_record
from tests.jobs_boards.conftest import PERSON
from tests.jobs_boards.factories import BoardFactory, JobFactory
from tests.records.factories import MemberFactory


def values(item: Item) -> dict[str, object]:
    found = selectors.values_of(Item.objects.get(pk=item.pk), selectors.columns_of(item.board_id))
    return {key: value for key, value in found.items() if value is not None}


def test_the_board_of_jobs_is_made_once_with_the_jobs_states(board: Board, organization: Organization) -> None:
    assert services.active_jobs_board(organization) == board
    status = BoardColumn.objects.get(board=board, key="status")
    assert status.spec.labels[0]["name"] == "Requires Crew Lead"
    assert len(status.spec.labels) == 9


def test_values_are_written_and_read_by_column_key(board: Board, organization: Organization) -> None:
    member, job = MemberFactory(organization=organization), JobFactory(organization=organization)
    given = {"status": "In Production", "lead": str(member.pk), "job": str(job.pk), "address": "1 Elm Street"}
    item = services.create_item(board, "Attic", {**given, "due": "2026-03-01"}, PERSON)
    assert (item.person_id, item.column_values) == (member.pk, {"address": "1 Elm Street"})
    assert values(item) == {**given, "due": "2026-03-01"}
    services.update_item(organization.pk, item.pk, {"address": None, "number": "J-1"}, PERSON, name="Roof")
    del given["address"]
    assert values(item) == {**given, "due": "2026-03-01", "number": "J-1"}
    assert Item.objects.get(pk=item.pk).name == "Roof"


def test_a_write_of_one_column_leaves_one_written_meanwhile(board: Board, organization: Organization) -> None:
    item = services.create_item(board, "Attic", {"address": "1 Elm Street"}, PERSON)
    services.update_item(organization.pk, item.pk, {"number": "J-1"}, PERSON)
    services.update_item(organization.pk, item.pk, {"address": "2 Elm Street"}, PERSON)
    assert values(item) == {"address": "2 Elm Street", "number": "J-1"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"status": "Lost"}, "status: Status has no label 'Lost'"),
        ({"start": "soon"}, "columnValues: Start needs a time"),
        ({"lead": "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}, "personId points to"),
    ],
)
def test_what_does_not_fit_is_refused(board: Board, given: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidValues, match=words):
        services.create_item(board, "Attic", given, PERSON)


def test_a_key_that_is_no_column_is_named(board: Board) -> None:
    with pytest.raises(KeyError, match="no column 'colour'"):
        services.create_item(board, "Attic", {"colour": "red"}, PERSON)


def test_a_locked_link_is_the_syncs(board: Board, organization: Organization) -> None:
    job, other = JobFactory(organization=organization), JobFactory(organization=organization)
    item = services.create_item(board, "Attic", {"job": str(job.pk)}, PERSON)
    with pytest.raises(InvalidValues, match="set by the sync"):
        services.update_item(organization.pk, item.pk, {"job": str(other.pk)}, PERSON)
    services.update_item(organization.pk, item.pk, {"job": str(other.pk)}, Origin("integration", "1"))
    assert values(item) == {"job": str(other.pk)}


def test_a_locked_value_is_the_syncs(board: Board, organization: Organization) -> None:
    item = services.create_item(board, "Attic", {"created": "2026-03-01T08:00:00Z"}, PERSON)
    with pytest.raises(InvalidValues, match="Created is set by the sync"):
        services.update_item(organization.pk, item.pk, {"created": None}, PERSON)
    services.update_item(organization.pk, item.pk, {"created": None, "number": "J-1"}, Origin("integration", "1"))
    assert values(item) == {"number": "J-1"}


def test_another_organizations_item_is_not_there(board: Board) -> None:
    item = services.create_item(board, "Attic", {}, PERSON)
    with pytest.raises(RecordNotFound):
        services.update_item(BoardFactory().organization_id, item.pk, {}, PERSON, name="x")


def test_a_write_stands_in_the_outbox(board: Board, organization: Organization) -> None:
    item = services.create_item(board, "Attic", {}, PERSON)
    services.update_item(organization.pk, item.pk, {"due": "2026-03-01", "number": "J-1"}, PERSON)
    found = LocalChange.objects.filter(record_id=item.pk).order_by("id")
    assert [(one.action, one.fields) for one in found] == [("create", None), ("update", ["date", "columnValues"])]


def test_a_column_keeps_key_and_kind(board: Board, organization: Organization) -> None:
    column = BoardColumn.objects.get(board=board, key="address")
    for change in ({"key": "place"}, {"kind": "number"}):
        with pytest.raises(InvalidValues, match="cannot be changed"):
            update_record(catalog.get("board_column"), str(organization.pk), str(column.pk), change, PERSON)


def test_a_label_is_added_once(board: Board) -> None:
    for _ in range(2):
        services.add_label(board.pk, "status", "Waiting for parts", PERSON)
    labels = BoardColumn.objects.get(board=board, key="status").spec.labels
    assert [one["name"] for one in labels][-1] == "Waiting for parts"
    assert len(labels) == 10
