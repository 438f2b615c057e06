"""The connector by itself: what every connector keeps (tests/connectors/test_contract.py), on a board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.base.capabilities import Change, Pulls, Pushes
from connectors.base.context import Context
from connectors.base.errors import ConfigError, NotFound, Rejected, Stale
from connectors.base.levels import missing
from connectors.base.records import ExternalRecord
from jobs_boards import services
from jobs_boards.connector import BoardsConnector
from jobs_boards.models import Board, Item
from records import services as records
from sync_engine.ports import SystemClock, ports
from tests.jobs_boards.conftest import PERSON
from tests.jobs_boards.factories import JobFactory
from tests.jobs_boards.scene import ITEM
from tests.records.factories import OrganizationFactory


@pytest.fixture
def connector(board: Board) -> BoardsConnector:
    return BoardsConnector(
        Context("", {}, {}, SystemClock(), organization_id=str(board.organization_id), integration_id="7")
    )


@pytest.fixture
def ids(board: Board) -> list[str]:
    jobs = [JobFactory(organization=board.organization) for _ in range(5)]
    return [str(services.create_item(board, job.title, {"job": str(job.pk)}, PERSON).pk) for job in jobs]


def listed(connector: BoardsConnector, size: int = 2, **options: object) -> Iterator[list[str]]:
    for page in connector.pages(replace(connector.resource("job"), page_size=size), **options):  # type: ignore[arg-type]
        yield [record.id for record in page.records]


def made(connector: BoardsConnector, **values: object) -> ExternalRecord:
    return connector.create(
        connector.resource("job"), {"name": "Attic", "column_values": values}, key=ports().ids.new()
    )


def test_it_does_what_it_claims() -> None:
    assert issubclass(BoardsConnector, Pulls)
    assert issubclass(BoardsConnector, Pushes)
    assert missing(BoardsConnector, "bronze") == []


def test_the_connection_test_names_the_board(connector: BoardsConnector, board: Board) -> None:
    assert (connector.test().id, connector.test().name) == (str(board.pk), "Active Jobs")


def test_pages_cover_each_item_once(connector: BoardsConnector, ids: list[str]) -> None:
    pages = list(listed(connector))
    assert sorted(one for page in pages for one in page) == sorted(ids)
    assert max(len(page) for page in pages) == 2


def test_reading_goes_on_from_a_continuation(connector: BoardsConnector, ids: list[str]) -> None:
    for since in (None, timezone.now() - timedelta(hours=1)):
        resource = replace(connector.resource("job"), page_size=2)
        first = next(connector.pages(resource, since=since))
        rest = [one for page in listed(connector, since=since, continuation=first.continuation) for one in page]
        assert sorted([*(record.id for record in first.records), *rest]) == sorted(ids)


def test_since_gives_what_changed_with_tombstones(connector: BoardsConnector, board: Board, ids: list[str]) -> None:
    since = timezone.now()
    services.update_item(board.organization_id, ids[1], {}, PERSON, name="Roof")
    records.delete(ITEM, str(board.organization_id), ids[3], PERSON)
    found = [record for page in connector.pages(connector.resource("job"), since=since) for record in page.records]
    assert {record.id: record.deleted for record in found} == {ids[1]: False, ids[3]: True}
    assert ids[3] not in [one for page in listed(connector) for one in page]


def test_what_is_written_is_read_back(connector: BoardsConnector) -> None:
    resource = connector.resource("job")
    new = made(connector, address="1 Elm")
    changed = connector.update(resource, new.id, {"column_values": {"number": "J-1"}}, current=new)
    assert (changed.fields["column_values"]["address"], changed.fields["column_values"]["number"]) == ("1 Elm", "J-1")
    assert connector.find_created(resource, {}, key=new.id, after=timezone.now()) == [changed]
    for _ in range(2):
        connector.delete(resource, new.id)
    with pytest.raises(NotFound):
        connector.fetch(resource, new.id)
    with pytest.raises(NotFound):
        connector.update(resource, new.id, {"name": "x"}, current=changed)


def test_many_are_made_together_and_each_hears_its_own_reason(connector: BoardsConnector) -> None:
    good, bad = ports().ids.many(2)
    news = [(good, {"name": "Attic", "column_values": {"start": "2026-03-02T08:00:00Z"}}), (bad, {"name": ""})]
    first, second = connector.create_many(connector.resource("job"), news)
    assert isinstance(first, ExternalRecord)
    assert first.fields["column_values"]["start"] == "2026-03-02T08:00:00.000000Z"
    assert isinstance(second, Rejected)
    assert "name may not be empty" in second.message
    assert [str(item.pk) for item in Item.objects.all()] == [good]


def test_many_are_changed_together_and_each_hears_its_own_reason(
    connector: BoardsConnector, board: Board, django_assert_max_num_queries: Any
) -> None:
    job, (one, other) = connector.resource("job"), [made(connector, status="New") for _ in range(2)]

    def change(record: ExternalRecord, **values: object) -> Change:
        return record.id, {"name": "Roof", "column_values": values}, record

    with django_assert_max_num_queries(12):
        found = connector.update_many(job, [change(each, status="In Production") for each in (one, other)])
    one, other = [each for each in found if isinstance(each, ExternalRecord)]
    assert [(each.fields["name"], each.fields["column_values"]["status"]) for each in (one, other)] == [
        ("Roof", "In Production")
    ] * 2
    services.update_item(board.organization_id, other.id, {"address": "1 Elm"}, PERSON)
    third = made(connector)
    kept, stale, refused = connector.update_many(
        job, [change(one, address="2 Oak"), change(other, address="3 Ash"), change(third, lead=ports().ids.new())]
    )
    assert isinstance(kept, ExternalRecord)
    assert (type(stale), type(refused)) == (Stale, Rejected)
    assert Item.objects.get(pk=other.id).column_values["address"] == "1 Elm"


def test_an_item_that_was_changed_meanwhile_is_read_again(connector: BoardsConnector, board: Board) -> None:
    new = made(connector)
    services.update_item(board.organization_id, new.id, {}, PERSON, name="Roof")
    with pytest.raises(Stale):
        connector.update(connector.resource("job"), new.id, {"name": "Cellar"}, current=new)
    assert Item.objects.get().name == "Roof"


def test_a_refused_write_says_why(connector: BoardsConnector) -> None:
    new = made(connector)
    with pytest.raises(Rejected, match="Start needs a time"):
        connector.update(connector.resource("job"), new.id, {"column_values": {"start": "soon"}}, current=new)
    with pytest.raises(ConfigError, match="no column 'colour'"):
        connector.update(connector.resource("job"), new.id, {"column_values": {"colour": "red"}}, current=new)


def test_an_item_of_another_board_is_no_newcomer(connector: BoardsConnector, board: Board) -> None:
    other = services.create_board(board.organization, "Other", ())
    item = services.create_item(other, "Nails", {}, PERSON)
    Item.objects.filter(pk=item.pk).update(job_id=JobFactory(organization=board.organization).pk)
    record = connector.fetch(connector.resource("job"), str(item.pk))
    assert connector.names(connector.resource("job"), record) is None
    assert not connector.is_wanted(connector.resource("job"), record)


def test_nothing_of_another_organization_is_reached(connector: BoardsConnector) -> None:
    theirs = services.active_jobs_board(OrganizationFactory())
    item = services.create_item(theirs, "Nails", {}, PERSON)
    with pytest.raises(NotFound):
        connector.fetch(connector.resource("job"), str(item.pk))
    connector.delete(connector.resource("job"), str(item.pk))
    assert Item.objects.get(pk=item.pk).deleted_at is None
