"""`/_sandbox/...`: a person's hand, the faults, the request log, the way back to the first minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from connectors.base.http import HttpRequest
from connectors.base.sandbox.server import Server, serve, twin_of
from connectors.base.transport import shared

from .net import TOKEN, Inbox

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(0, [twin_of("asana"), twin_of("generic_rest"), Inbox()]) as running:
        yield running


@pytest.fixture
def ask(server: Server) -> Ask:
    def send(method: str, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
        body = b"" if json is None else orjson.dumps(json)
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        answer = shared(True).send(HttpRequest(method, f"{server.url}/_sandbox/{path}", given, body), timeout=10)
        return answer.status, orjson.loads(answer.body)

    return send


def test_a_person_creates_edits_reads_and_deletes(ask: Ask) -> None:
    status, made = ask("POST", "asana/tasks", {"name": "a"})
    place = f"asana/tasks/{made['gid']}"
    assert (status, made["_author"], made["_deleted"]) == (201, "1201110000000002", False)
    assert ask("PATCH", place, {"name": "b"})[1]["name"] == "b"
    assert ask("GET", place)[1]["name"] == "b"
    assert ask("DELETE", place) == (200, {"deleted": made["gid"]})
    assert [task["_deleted"] for task in ask("GET", "asana/tasks")[1]] == [True]
    assert ask("GET", place)[0] == 404


def test_a_list_creates_many_and_a_header_names_the_person(ask: Ask) -> None:
    status, ids = ask("POST", "generic_rest/contacts", [{"first_name": "a"}, {"first_name": "b"}], X_Sandbox_Author="d")
    assert (status, len(ids)) == (201, 2)
    assert {row["_author"] for row in ask("GET", "generic_rest/contacts")[1]} == {"d"}


@pytest.mark.parametrize(
    ("method", "path", "json", "status"),
    [
        ("GET", "nobody/tasks", None, 404),
        ("GET", "asana/dreams", None, 404),
        ("PUT", "asana/tasks", {}, 405),
        ("GET", "", None, 404),
        ("POST", "faults", {"kind": "nonsense"}, 400),
        ("POST", "faults", {"slug": "nobody", "kind": "slow"}, 400),
        ("POST", "asana/tasks", {"due_on": "soon"}, 400),
        ("PATCH", "asana/tasks/1", {"name": "a"}, 404),
    ],
)
def test_what_it_cannot_do_is_said(ask: Ask, method: str, path: str, json: Any, status: int) -> None:
    answered, body = ask(method, path, json)
    assert (answered, bool(body["error"])) == (status, True)


def test_faults_are_listed_counted_and_ended(ask: Ask, server: Server) -> None:
    fault = {"slug": "generic_rest", "kind": "server_error", "where": ["GET", "/contacts"], "times": 5}
    assert ask("POST", "faults", fault)[0] == 201
    call = HttpRequest("GET", f"{server.url_of('generic_rest')}/contacts", TOKEN)
    assert shared(True).send(call, timeout=10).status == 500
    told = ask("GET", "faults")[1]
    assert (told["asana"]["active"], told["generic_rest"]["active"][0]["fired"]) == ([], 1)
    ask("DELETE", "faults")
    assert shared(True).send(call, timeout=10).status == 200
    assert ask("GET", "faults")[1]["generic_rest"] == {"active": [], "fired": {"server_error": 1}}


def test_a_fault_without_a_twin_is_for_all(ask: Ask) -> None:
    assert len(ask("POST", "faults", [{"kind": "slow"}, {"kind": "html"}])[1]["faults"]) == 6


def test_the_request_log_tells_what_was_asked(ask: Ask, server: Server) -> None:
    url = server.url_of("generic_rest")
    shared(True).send(HttpRequest("GET", f"{url}/contacts?page=1", TOKEN), timeout=10)
    shared(True).send(HttpRequest("GET", f"{url}/contacts", {}), timeout=10)
    lines = ask("GET", "requests")[1]["requests"]
    seen = [(line["slug"], line["method"], line["path"], line["query"], line["status"], line["who"]) for line in lines]
    assert seen == [
        ("generic_rest", "GET", "/contacts", "page=1", 200, "1"),
        ("generic_rest", "GET", "/contacts", "", 401, ""),
    ]


def test_reset_is_the_first_minute_again_or_a_demo(ask: Ask) -> None:
    ask("POST", "generic_rest/contacts", {"first_name": "a"})
    ask("POST", "faults", {"kind": "slow", "times": None})
    assert ask("POST", "reset", {"slug": "generic_rest", "seed_demo": 7}) == (200, {"reset": ["generic_rest"]})
    assert len(ask("GET", "generic_rest/contacts")[1]) == 7
    faults = ask("GET", "faults")[1]
    assert (len(faults["asana"]["active"]), faults["generic_rest"]["active"]) == (1, [])
    ask("POST", "reset", {})
    assert ask("GET", "generic_rest/contacts")[1] == []


def test_waiting_webhooks_are_sent_on_demand(ask: Ask) -> None:
    assert ask("POST", "webhooks") == (200, {"sent": 0})
