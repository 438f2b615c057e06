"""Each way through a listing, the envelope, stamps, and asking for changes only."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base.errors import ConfigError, Rejected
from connectors.generic_rest import stamps

from .helpers import document, ids, json, listed, requests, told

STAMP = "2026-01-02T03:04:05Z"
SINCE = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)


def rows(*numbers):
    return [{"id": number, "updated_at": STAMP} for number in numbers]


def queries(connector):
    return [{k: v[0] for k, v in parse_qs(urlsplit(r.url).query).items()} for r in requests(connector)]


def test_page_numbers_stop_at_the_total():
    page = {"kind": "page", "param": "p", "size_param": "n", "size": 2, "total": "meta.total"}
    pages = [json({"data": rows(1, 2), "meta": {"total": 3}}), json({"data": rows(3), "meta": {"total": 3}})]
    connector = told(listed(page=page), *pages)
    assert ids(connector) == ["1", "2", "3"]
    assert queries(connector) == [{"p": "1", "n": "2"}, {"p": "2", "n": "2"}]


def test_a_short_page_does_not_end_the_listing():
    page = {"kind": "page", "param": "p", "size_param": "n", "size": 5}
    connector = told(listed(page=page), json({"data": rows(1)}), json({"data": rows(2, 3)}), json({"data": []}))
    assert ids(connector) == ["1", "2", "3"]


def test_page_numbers_may_begin_at_zero_and_end_with_null():
    page = {"kind": "page", "param": "p", "first": 0, "next": "next"}
    connector = told(listed(page=page), json({"data": rows(1), "next": 1}), json({"data": rows(2), "next": None}))
    assert ids(connector) == ["1", "2"]
    assert [query["p"] for query in queries(connector)] == ["0", "1"]


def test_offsets_advance_by_the_rows_that_came():
    page = {"kind": "offset", "param": "o", "size_param": "n", "size": 50}
    connector = told(listed(page=page), json({"data": rows(1, 2)}), json({"data": rows(3)}), json({"data": []}))
    assert ids(connector) == ["1", "2", "3"]
    assert [query["o"] for query in queries(connector)] == ["0", "2", "3"]


def test_cursors_in_the_body_and_from_a_header():
    page = {"kind": "cursor", "param": "after", "next": "header:X-Next", "in": "body"}
    config = listed(verb="POST", body={"q": "all"}, page=page)
    connector = told(config, json({"data": rows(1)}, x_next="c2"), json({"data": rows(2)}))
    assert ids(connector) == ["1", "2"]
    assert [request.body for request in requests(connector)] == [b'{"q":"all"}', b'{"q":"all","after":"c2"}']


def test_the_same_cursor_twice_is_an_error():
    connector = told(
        listed(page={"kind": "cursor", "param": "c", "next": "next"}), json({"data": rows(1), "next": "x"})
    )
    with pytest.raises(ConfigError, match="never end"):
        ids(connector)


def test_links_are_followed_within_the_origin_only():
    page = {"kind": "link", "size_param": "n", "size": 1}
    good = json(rows(1), link='<https://api.example.com/v1/tasks?n=1&p=2>; rel="next"')
    connector = told(document({"list": {"page": page}}), good, json(rows(2), link=""))
    assert ids(connector) == ["1", "2"]
    evil = json(rows(1), link='<https://evil.example/tasks>; rel="next"')
    with pytest.raises(ConfigError, match=r"evil\.example"):
        ids(told(document({"list": {"page": page}}), evil))


def test_a_next_url_may_be_relative():
    connector = told(
        listed(page={"kind": "next_url", "next": "links.next"}),
        json({"data": rows(1), "links": {"next": "/v1/tasks?after=1"}}),
        json({"data": rows(2), "links": {"next": None}}),
    )
    assert ids(connector) == ["1", "2"]
    assert queries(connector)[1] == {"after": "1"}


def test_keyset_names_the_last_row():
    page = {"kind": "keyset", "params": {"starting_after": "{last.id}"}, "more": "more"}
    config = listed(page=page)
    connector = told(config, json({"data": rows(1, 2), "more": True}), json({"data": rows(3), "more": False}))
    assert ids(connector) == ["1", "2", "3"]
    assert queries(connector) == [{}, {"starting_after": "2"}]


def test_a_listing_goes_on_from_a_continuation():
    page = {"kind": "page", "param": "p", "next": "next"}
    connector = told(listed(page=page), json({"data": rows(1), "next": 2}), json({"data": rows(2), "next": None}))
    first = next(iter(connector.pages(connector.resource("task"))))
    assert ids(connector, continuation=first.continuation) == ["2"]


def test_null_is_an_empty_list_and_a_missing_list_is_an_error():
    assert ids(told(listed(), json({"data": None}))) == []
    with pytest.raises(ConfigError, match=r"list\.records"):
        ids(told(listed(), json({"items": []})))


def test_a_web_page_is_no_api():
    from connectors.base.http import HttpResponse

    page = HttpResponse(200, {"content-type": "text/html"}, b"<html>Sign in</html>")
    with pytest.raises(ConfigError, match="web page"):
        ids(told(listed(), page))


def test_a_row_without_an_id_is_refused():
    with pytest.raises(Rejected, match="without an id"):
        ids(told(listed(), json({"data": [{"name": "x"}]})))


def test_the_first_stamp_that_is_not_null_counts():
    task = {"updated_at": ["date_updated", "date_created"], "list": {}}
    connector = told(document(task), json([{"id": 1, "date_updated": None, "date_created": STAMP}]))
    (page,) = connector.pages(connector.resource("task"))
    assert page.records[0].updated_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_stamp_without_zone_is_read_in_the_configured_one():
    connector = told(
        document({"list": {}}, dates={"zone": "Europe/Berlin"}), json([{"id": 1, "updated_at": "2026-07-01 12:00:00"}])
    )
    (page,) = connector.pages(connector.resource("task"))
    assert page.records[0].updated_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_marked_records_are_deleted():
    task = {"deleted": {"path": "state", "in": ["trash"]}, "list": {}}
    connector = told(document(task), json([{"id": 1, "state": "trash"}, {"id": 2, "state": "open"}]))
    (page,) = connector.pages(connector.resource("task"))
    assert [record.deleted for record in page.records] == [True, False]


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("iso_ms_z", "2026-01-02T03:04:05.678Z"),
        ("iso_z", "2026-01-02T03:04:05Z"),
        ("iso_offset", "2026-01-02T04:04:05+01:00"),
        ("epoch_s", "1767323045"),
        ("epoch_ms", "1767323045678"),
        ("rfc1123", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("sql", "2026-01-02 04:04:05"),
        ("date", "2026-01-02"),
    ],
)
def test_since_is_spelt_as_configured(style, text):
    since = {"params": {"from": "{since}"}, "format": style}
    config = listed(since=since) | {"dates": {"zone": "Europe/Berlin"}}
    connector = told(config, json({"data": []}))
    ids(connector, since=SINCE)
    assert queries(connector) == [{"from": text}]


def test_an_exclusive_filter_is_asked_one_step_earlier():
    assert stamps.since(SINCE, "iso_z", inclusive=False) == "2026-01-02T03:04:04Z"
    assert stamps.since(SINCE, "epoch_ms", inclusive=False) == "1767323045677"


def test_since_in_a_header_and_not_modified_is_empty():
    from connectors.base.http import HttpResponse

    since = {"headers": {"If-Modified-Since": "{since}"}, "format": "rfc1123"}
    connector = told(listed(since=since), HttpResponse(304, {}, b""))
    assert ids(connector, since=SINCE) == []
    assert requests(connector)[0].headers["If-Modified-Since"] == "Fri, 02 Jan 2026 03:04:05 GMT"


def test_client_means_that_everything_is_read():
    connector = told(listed(since={"client": True}), json({"data": rows(1)}))
    assert ids(connector, since=SINCE) == ["1"]
    assert queries(connector) == [{}]
    assert connector.resource("task").updated_since is None


def test_deleted_records_come_from_a_second_listing():
    since = {"params": {"from": "{since}"}, "format": "iso_z"}
    connector = told(
        listed(since=since, deleted_params={"deleted": "true"}), json({"data": rows(1)}), json({"data": rows(2)})
    )
    pages = list(connector.pages(connector.resource("task"), since=SINCE))
    assert [(record.id, record.deleted) for page in pages for record in page.records] == [("1", False), ("2", True)]
    assert queries(connector)[1] == {"from": STAMP, "deleted": "true"}


@pytest.mark.parametrize(
    ("style", "query"),
    [("repeat", "id=1&id=2"), ("brackets", "id[]=1&id[]=2"), ("indices", "id[0]=1&id[1]=2"), ("comma", "id=1,2")],
)
def test_several_records_are_read_at_once(style, query):
    config = document({"batch": {"list_ids": {"param": "id", "max": 10}}, "list": {}}, query={"arrays": style})
    connector = told(config, json(rows(1)))
    found = connector.fetch_many(connector.resource("task"), ["1", "2"])
    assert found["1"] is not None
    assert found["2"] is None
    assert urlsplit(requests(connector)[0].url).query == query
    assert connector.batch_size == 10


def test_paths_and_parameters_hold_settings():
    config = document({"path": "/lists/{settings.list}/tasks", "list": {"params": {"team": "{settings.team}"}}})
    connector = told(config, json([]), settings={"list": "a/b", "team": 7})
    ids(connector)
    assert requests(connector)[0].url == "https://api.example.com/v1/lists/a%2Fb/tasks?team=7"


def test_no_more_requests_run_at_once_than_configured():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier, BrokenBarrierError

    together = Barrier(3)

    class Meeting:
        """Answers only when three requests meet, which two lanes can never do."""

        met = False

        def send(self, request, *, timeout):
            try:
                together.wait(0.05)
                self.met = True
            except BrokenBarrierError:
                together.reset()
            return json([])

    transport = Meeting()
    connector = told(document({"list": {}}, rate={"concurrency": 2}), transport=transport)
    _ = connector.client
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: ids(connector), range(3)))
    assert not transport.met
