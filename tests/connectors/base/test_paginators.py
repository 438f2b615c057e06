import json

import pytest

from connectors.base.errors import ConfigError
from connectors.base.paginators import Cursor, Keyset, LinkHeader, NextUrl, Offset, PageNumber, Seen, SinglePage, links


def seen(data, ids=(), **headers):
    return Seen(data, headers, [{"id": each} for each in ids], list(ids))


def walk(paginator, answers):
    """What is asked, one answer after the other; the state passes through JSON, as a resume does."""
    asked, state = [], paginator.begin()
    for each in answers:
        ask = paginator.ask(state, 50)
        asked.append(ask.url or {**ask.params, **ask.body})
        state = paginator.advance(state, each)
        if state is None:
            return asked
        state = json.loads(json.dumps(state))
    return [*asked, "goes on"]


WALKS = [
    (SinglePage(), [seen([], "ab")], [{}]),
    (PageNumber(), [seen([], "ab"), seen([], "c"), seen([])], [{"page": 1}, {"page": 2}, {"page": 3}]),
    (PageNumber(first=0, pages="n"), [seen({"n": 2}, "a"), seen({"n": 2}, "b")], [{"page": 0}, {"page": 1}]),
    (PageNumber(total="n"), [seen({"n": 3}, "ab"), seen({"n": 3}, "c")], [{"page": 1}, {"page": 2}]),
    (PageNumber(next="n"), [seen({"n": 2}, "a"), seen({"n": None}, "b")], [{"page": 1}, {"page": 2}]),
    (PageNumber(pages="gone"), [seen({}, "a"), seen({})], [{"page": 1}, {"page": 2}]),
    (Offset(size_param="limit"), [seen([], "abc"), seen([])], [{"limit": 50, "offset": 0}, {"limit": 50, "offset": 3}]),
    (Offset(total="n"), [seen({"n": 3}, "ab"), seen({"n": 3}, "c")], [{"offset": 0}, {"offset": 2}]),
    (Cursor("next"), [seen({"next": "x"}, "a"), seen({"next": None}, "b")], [{}, {"cursor": "x"}]),
    (Cursor("next"), [seen({"next": "x"}), seen({}, "b")], [{}, {"cursor": "x"}]),
    (Cursor("header:X-N", place="body"), [seen([], "a", **{"x-n": "q"}), seen([])], [{}, {"cursor": "q"}]),
    (Cursor("next", more="more"), [seen({"next": "x", "more": False}, "a")], [{}]),
    (NextUrl("next"), [seen({"next": "https://x/2"}, "a"), seen({"next": ""}, "b")], [{}, "https://x/2"]),
    (LinkHeader(), [seen([], "a", link='<https://x/2>; rel="next"'), seen([], "b", link="")], [{}, "https://x/2"]),
    (Keyset({"after": "{last.id}"}), [seen([], "ab"), seen([])], [{}, {"after": "b"}]),
]


@pytest.mark.parametrize(("paginator", "answers", "asked"), WALKS)
def test_walk(paginator, answers, asked):
    assert walk(paginator, answers) == asked


LOOPS = [
    (PageNumber(), [seen([], "ab"), seen([], "ba")]),
    (PageNumber(next="n"), [seen({"n": 1}, "a")]),
    (Offset(), [seen([], "ab"), seen([], "ab")]),
    (Cursor("n"), [seen({"n": "x"}, "a"), seen({"n": "x"}, "b")]),
    (NextUrl("n"), [seen({"n": "u"}, "a"), seen({"n": "u"}, "b")]),
    (LinkHeader(), [seen([], "a", link="<u>; rel=next"), seen([], "b", link="<u>; rel=next")]),
    (Keyset({"after": "{last.id}"}), [seen([], "ab"), seen([], "cb")]),
]


@pytest.mark.parametrize(("paginator", "answers"), LOOPS)
def test_a_loop_is_refused(paginator, answers):
    with pytest.raises(ConfigError, match="would never end"):
        walk(paginator, answers)


def test_too_many_pages_are_refused():
    with pytest.raises(ConfigError, match="more than 2 pages"):
        walk(PageNumber(max_pages=2), [seen([], each) for each in "abc"])


@pytest.mark.parametrize(
    "build",
    [
        lambda: PageNumber(stop_on_empty=False),
        lambda: Offset(stop_on_empty=False),
        lambda: Cursor(""),
        lambda: NextUrl(""),
        lambda: LinkHeader(rel=""),
        lambda: Keyset({}),
    ],
)
def test_no_paginator_without_an_end(build):
    with pytest.raises(ValueError, match="when the listing ends"):
        build()


def test_link_header():
    header = '<https://x/1?a=1,2>; rel="first", <https://x/3>; title="a, b"; rel="next last", <u>; rel=prev'
    assert links(header) == {"first": "https://x/1?a=1,2", "next": "https://x/3", "last": "https://x/3", "prev": "u"}
    assert links("") == {}
