from datetime import UTC, datetime

import pytest

from connectors.base.auth import BearerToken
from connectors.base.capabilities import Pulls, Pushes
from connectors.base.check import Check
from connectors.base.errors import ConfigError, NotFound, Rejected, Transient, UnknownOutcome
from connectors.base.paginators import Offset
from connectors.base.resource import Resource
from connectors.base.rest import RestConnector

from .fakes import START, answer, context


class Shop(Pulls, Pushes, RestConnector):
    """A provider in a few lines."""

    key = "shop"
    label = "Shop"
    auth = (BearerToken(),)
    check = Check(path="/me", account="user.id")
    paginator = Offset(size_param="limit")
    resources = (
        Resource(
            "task", "/p/{settings.project}/tasks", items="data", updated_at="at", updated_since="since", page_size=2
        ),
    )


def shop(*answers):
    given = context(*answers, settings={"project": "a b"}, credentials={"token": "t0ps3cret"})
    connector = Shop(given)
    return connector, connector.resource("task"), given.transport


ONE = answer(200, b'{"data":[{"id":1,"at":"2026-01-01T00:00:00.5Z"},{"id":2,"at":1767225600}]}')
EMPTY = answer(200, b'{"data":[]}', date="Thu, 01 Jan 2026 01:00:00 GMT")


def test_pages_reads_until_empty_and_goes_on_from_a_continuation():
    connector, task, transport = shop(ONE, EMPTY)
    first, last = connector.pages(task, since=START)
    assert [(r.id, r.updated_at) for r in first.records] == [("1", START.replace(microsecond=500_000)), ("2", START)]
    assert (first.read_at, last.read_at) == (START, datetime(2026, 1, 1, 1, tzinfo=UTC))
    assert transport.requests[0].url.endswith("/p/a%20b/tasks?since=2026-01-01T00:00:00Z&limit=2&offset=0")
    assert last.continuation is None
    list(connector.pages(task, continuation=first.continuation))
    assert transport.requests[-1].url.endswith("limit=2&offset=2")


@pytest.mark.parametrize("body", [b'{"error":"x"}', b'{"data":{}}', b'{"data":[1]}', b""])
def test_a_missing_list_is_an_error_and_never_an_empty_listing(body):
    connector, task, _ = shop(answer(200, body))
    with pytest.raises(ConfigError, match="no list of records"):
        list(connector.pages(task))


def test_a_null_list_is_empty():
    connector, task, _ = shop(answer(200, b'{"data":null}'))
    assert [page.records for page in connector.pages(task)] == [[]]


def test_a_listing_that_breaks_raises():
    connector, task, _ = shop(ONE, answer(500))
    pages = connector.pages(task)
    next(pages)
    with pytest.raises(Transient):
        next(pages)


@pytest.mark.parametrize("body", [b'{"data":[{"at":1}]}', b'{"data":[{"id":1,"at":"soon"}]}'])
def test_an_unreadable_record_is_rejected(body):
    connector, task, _ = shop(answer(200, body))
    with pytest.raises(Rejected):
        list(connector.pages(task))


def test_writes():
    connector, task, transport = shop(answer(200, b'{"id":7}'))
    made = connector.create(task, {"n": 1}, key="k")
    connector.update(task, "7/8", {"n": 2}, current=made)
    assert made.id == "7"
    assert [(r.method, r.url.rpartition("/v1")[2], r.body) for r in transport.requests] == [
        ("POST", "/p/a%20b/tasks", b'{"n":1}'),
        ("PATCH", "/p/a%20b/tasks/7%2F8", b'{"n":2}'),
    ]


def test_a_create_answered_without_the_record_is_an_unknown_outcome():
    connector, task, _ = shop(answer(201, b""))
    with pytest.raises(UnknownOutcome):
        connector.create(task, {}, key="k")


def test_an_update_answered_without_the_record_is_read_again():
    connector, task, transport = shop(answer(204, b""), answer(200, b'{"id":7,"n":2}'))
    current = connector.record(task, {"id": 7})
    assert connector.update(task, "7", {"n": 2}, current=current).fields["n"] == 2
    assert transport.requests[-1].method == "GET"


def test_deleting_what_is_gone_is_success_and_fetching_it_is_not_found():
    connector, task, _ = shop(answer(404))
    connector.delete(task, "7")
    with pytest.raises(NotFound):
        connector.fetch(task, "7")
    assert connector.fetch_many(task, ["7"]) == {"7": None}


def test_the_connection_test_says_who_we_are():
    assert shop(answer(200, b'{"user":{"id":5},"name":"Ada"}'))[0].test().id == "5"
    with pytest.raises(ConfigError, match="check the base URL"):
        shop(answer(200, b"[]"))[0].test()
    with pytest.raises(ConfigError, match="Check the base URL"):
        shop(answer(404))[0].test()


def test_an_unknown_resource_is_named():
    with pytest.raises(ConfigError, match="no 'invoice' to sync; it offers task"):
        shop(EMPTY)[0].resource("invoice")
