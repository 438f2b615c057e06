"""An exchange that does not fit the provider's document is told, with the place."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from connectors.asana.sandbox import AsanaTwin
from connectors.base.http import HttpRequest, HttpResponse

from .spec import Specification, required, specification

TASK = {
    "type": "object",
    "properties": {
        "gid": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "due_on": {"type": "string", "format": "date", "nullable": True},
        "owner": {"allOf": [{"$ref": "#/components/schemas/UserCompact"}, {"nullable": True}]},
        "free": {"type": "object"},
    },
}
USER = {"type": "object", "properties": {"gid": {"type": "string"}}}
FULL = {
    "allOf": [
        {"$ref": "#/components/schemas/UserCompact"},
        {"type": "object", "properties": {"mail": {"type": "string"}}},
    ]
}
JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/tasks/{gid}": {
            "parameters": [{"name": "gid", "in": "path", "schema": {"type": "string"}}],
            "put": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
                ],
                "requestBody": {"required": True, "content": JSON},
                "responses": {"200": {"description": "", "content": JSON}},
            },
        },
        "/tasks/me": {"get": {"responses": {"200": {"description": "", "content": JSON}}}},
    },
    "components": {"schemas": {"Task": TASK, "UserCompact": USER, "UserResponse": FULL}},
}


def problems(
    sent: Any = None, answered: Any = None, *, query: str = "", status: int = 200, method: str = "PUT", path: str = "1"
) -> list[str]:
    body = b"" if sent is None and method == "GET" else orjson.dumps(sent or {})
    request = HttpRequest(method, f"http://h/x/api/tasks/{path}{query}", {}, body)
    response = HttpResponse(status, {"content-type": "application/json"}, orjson.dumps(answered or {}))
    return Specification(DOCUMENT, "/api", wider=("Compact", "Response")).problems(request, response)


@pytest.mark.parametrize(
    "exchange",
    [
        {},
        {"sent": {"name": "a", "due_on": None, "owner": None}, "answered": {"gid": "1", "due_on": "2026-12-04"}},
        {"query": "?limit=100&fields=a,b"},
        {"answered": {"owner": {"gid": "1", "mail": "a@b"}, "free": {"any": 1}}},
        {"method": "GET", "path": "me"},
    ],
)
def test_what_fits_is_no_problem(exchange: dict[str, Any]) -> None:
    assert problems(**exchange) == []


@pytest.mark.parametrize(
    ("exchange", "told"),
    [
        ({"sent": {"nmae": "a"}}, "request: .*'nmae' was unexpected"),
        ({"sent": {"gid": "1"}}, "request: .*False schema"),
        ({"sent": {"name": None}}, "request: .*name None is not of type 'string'"),
        ({"sent": {"due_on": "soon"}}, "request: .*'soon' is not"),
        ({"answered": {"name": 1}}, r"answer: .*\$\.name 1 is not"),
        ({"answered": {"owner": {"gid": "1", "phone": "1"}}}, "answer: .*owner"),
        ({"query": "?limit=101"}, "query: limit: .*101 is greater"),
        ({"query": "?limit=x"}, "query: limit: .*'x' is not of type 'integer'"),
        ({"query": "?fields=a,c"}, "query: fields: .*'c' is not one of"),
        ({"query": "?page=2"}, "query: page is not in the document"),
        ({"status": 201}, "status 201 is not in the document"),
        ({"method": "DELETE"}, "not in the document"),
    ],
)
def test_what_does_not_fit_is_told(exchange: dict[str, Any], told: str) -> None:
    (problem,) = problems(**exchange)
    assert re.search(told, problem)


def test_a_body_that_is_missing_is_told() -> None:
    request = HttpRequest("PUT", "http://h/x/api/tasks/1", {}, b"")
    answer = HttpResponse(200, {"content-type": "application/json"}, b"{}")
    assert Specification(DOCUMENT, "/api").problems(request, answer) == [
        "PUT /tasks/1 200 request: a body is required",
    ]


def test_a_known_gap_is_passed_over() -> None:
    request = HttpRequest("PUT", "http://h/x/api/tasks/1?page=2", {}, b"{}")
    answer = HttpResponse(200, {"content-type": "application/json"}, b"{}")
    assert Specification(DOCUMENT, "/api", ["query: page"]).problems(request, answer) == []


def test_without_the_folder_tests_are_skipped_with_a_sentence(settings: Any, tmp_path: Any) -> None:
    settings.SPECS_DIR = tmp_path
    specification.cache_clear()
    try:
        with pytest.raises(pytest.skip.Exception, match=r"specification of asana is not in .*set SPECS_DIR"):
            required(AsanaTwin())
    finally:
        specification.cache_clear()
