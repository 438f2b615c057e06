"""Exchanges against the provider's own OpenAPI document: request and answer, path to schema.

`watch(twin)` files an observer on a twin; what does not fit is collected as sentences. Properties that the
document does not name do not fit either. Documents stand in `SPECS_DIR/<key>/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
import yaml
from django.conf import settings
from jsonschema import Draft202012Validator, ValidationError

from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.twin import Twin

from .schemas import FORMATS, Translation

DOCUMENTS = {"asana": "asana_oas.cut.yaml"}
# Where the document is known to fall short: (connector, what a problem says, why it is no problem).
GAPS: tuple[tuple[str, str, str], ...] = (
    (
        "asana",
        r"query: opt_fields: \S+ '(assignee\.email|parent\.gid|gid)' is not one of",
        "the enumeration lists what is often asked for; every path of the full object may be (input/output options)",
    ),
    (
        "asana",
        r"^POST /tasks 201 request: \$\.data False schema does not allow \[\{'project'",
        "`memberships` is marked read-only, its description says create-only",
    ),
    (
        "asana",
        r"request: \$\.data\.custom_fields\S* .* is not of type 'string'",
        "the description of `custom_fields` allows numbers, lists and objects; null clears",
    ),
    (
        "asana",
        r"answer: \$\.data(\[\d+\])?\.external None is not of type 'object'",
        "asked for by opt_fields it comes although nothing is set",
    ),
    (
        "asana",
        r"^GET /events 200 answer: \$\.data\[\d+\]\.parent None is not of type",
        "the description of `parent` says null for other events than added and removed",
    ),
    (
        "asana",
        r"^GET /events 200 answer: \$\.data\[\d+\]\.resource .*\('resource_subtype' was unexpected",
        "deliveries and recordings carry it",
    ),
)
# Where an answer may hold the full object in place of the compact one (opt_fields): suffixes of component names.
WIDER = {"asana": ("Compact", "Response")}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Specification:
    """An OpenAPI 3.0 document. `problems` is empty for an exchange that fits."""

    def __init__(
        self,
        document: Mapping[str, Any],
        base_path: str,
        gaps: Sequence[str] = (),
        wider: tuple[str, str] | None = None,
    ) -> None:
        self._document = document
        self._wider = wider
        self._base_path = base_path
        self.gaps = [re.compile(gap) for gap in gaps]
        self._checkers: dict[tuple[str, ...], Draft202012Validator] = {}

    def problems(self, request: HttpRequest, response: HttpResponse) -> list[str]:
        _, api, path = urlsplit(request.url).path.partition(self._base_path)
        if not api:
            return []  # the pages of signing in are no part of the API
        where = f"{request.method} {path} {response.status}"
        template = self._template(path)
        operation = self._document["paths"].get(template, {}).get(request.method.lower())
        if operation is None:
            return [] if response.status in (404, 405) else [f"{where}: not in the document"]
        found = [f"query: {each}" for each in self._query(template, operation, request)]
        found += [f"request: {each}" for each in self._request(template, operation, request)]
        found += [f"answer: {each}" for each in self._answer(template, operation, request, response)]
        told = [f"{where} {each}" for each in found]
        return [each for each in told if not any(gap.search(each) for gap in self.gaps)]

    def without_gaps(self) -> Specification:
        """The document taken by its letter."""
        return Specification(self._document, self._base_path, wider=self._wider)

    def _template(self, path: str) -> str:
        """The fitting template with the fewest variables."""
        fitting = [template for template, pattern in self._patterns if pattern.fullmatch(path)]
        return min(fitting, key=lambda template: template.count("{"), default="")

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for path in self._document["paths"]]

    def _query(self, template: str, operation: Mapping[str, Any], request: HttpRequest) -> list[str]:
        known = {p["name"]: p for p in self._parameters(template, operation) if p["in"] == "query"}
        sent = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
        found = [f"{name} is required" for name, p in known.items() if p.get("required") and name not in sent]
        for name, text in sent.items():
            if name not in known:
                found.append(f"{name} is not in the document")
                continue
            schema = self._resolved(known[name]["schema"])
            key = ("query", template, request.method, name)
            found += [f"{name}: {each}" for each in self._check(key, schema, _parsed(text, schema), "request")]
        return found

    def _parameters(self, template: str, operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        declared = [*self._document["paths"][template].get("parameters", ()), *operation.get("parameters", ())]
        return [self._resolved(each) for each in declared]

    def _request(self, template: str, operation: Mapping[str, Any], request: HttpRequest) -> list[str]:
        body = self._resolved(operation.get("requestBody", {}))
        if not request.body:
            return ["a body is required"] if body.get("required") else []
        if not body:
            return ["there should be no body"]
        schema = body["content"]["application/json"]["schema"]
        return self._check(("body", template, request.method), schema, orjson.loads(request.body), "request")

    def _answer(
        self, template: str, operation: Mapping[str, Any], request: HttpRequest, response: HttpResponse
    ) -> list[str]:
        status = str(response.status)
        if status not in operation["responses"]:
            return [f"status {status} is not in the document"]
        content = self._resolved(operation["responses"][status]).get("content", {}).get("application/json")
        if content is None:
            return ["there should be no body"] if response.body else []
        if not response.headers.get("content-type", "").startswith("application/json"):
            return ["the content type is not application/json"]
        key = ("answer", template, request.method, status)
        return self._check(key, content["schema"], orjson.loads(response.body), "response")

    def _check(self, key: tuple[str, ...], schema: Mapping[str, Any], value: Any, way: str) -> list[str]:
        checker = self._checkers.get(key)
        if checker is None:
            whole = self._translations[way].whole(schema)
            checker = self._checkers[key] = Draft202012Validator(whole, format_checker=FORMATS)
        errors = list(checker.iter_errors(value))
        return [f"{each.json_path} {each.message[:300]}" for each in errors if not _follows(each, errors)]

    def _resolved(self, node: Mapping[str, Any]) -> Any:
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    @cached_property
    def _translations(self) -> dict[str, Translation]:
        schemas = self._document["components"]["schemas"]
        return {
            "request": Translation(schemas, "request"),
            "response": Translation(schemas, "response", self._wider),
        }


class Watch:
    """An observer of a twin. `problems` holds what did not fit, `seen` counts exchanges."""

    def __init__(self, specification: Specification) -> None:
        self._specification = specification
        self.problems: list[str] = []
        self.seen = 0

    def __call__(self, request: HttpRequest, response: HttpResponse) -> None:
        self.seen += 1
        self.problems += self._specification.problems(request, response)


def has_document(key: str) -> bool:
    """Whether the provider has a document at all, wherever it may be."""
    return key in DOCUMENTS


@cache
def specification(key: str, base_path: str) -> Specification | None:
    """None where the connector has no document, or its folder is absent."""
    path = Path(settings.SPECS_DIR) / key / DOCUMENTS.get(key, "none")
    if not path.is_file():
        return None
    document = yaml.load(path.read_bytes(), _LOADER)
    return Specification(document, base_path, [gap for name, gap, _ in GAPS if name == key], WIDER.get(key))


def watch(twin: Twin) -> Watch | None:
    """Observes a twin from now on; None where there is no document to hold it to."""
    found = specification(twin.slug, twin.base_path)
    if found is None:
        return None
    observer = Watch(found)
    twin.observers[:] = [observer]
    return observer


def required(twin: Twin) -> Watch:
    """Like `watch`; skips the test, with a sentence, where the document is absent."""
    observer = watch(twin)
    if observer is None:
        pytest.skip(f"The specification of {twin.slug} is not in {settings.SPECS_DIR}: set SPECS_DIR to check it.")
    return observer


def _follows(error: ValidationError, errors: Sequence[ValidationError]) -> bool:
    """A schema that fails inside names no properties, so all of them seem unknown: only the cause is told."""
    if error.validator != "unevaluatedProperties":
        return False
    here = list(error.absolute_path)
    causes = [list(each.absolute_path) for each in errors if each.validator != "unevaluatedProperties"]
    deeper = [list(each.absolute_path) for each in errors if len(each.absolute_path) > len(here)]
    return any(path[: len(here)] == here for path in causes + deeper)


def _parsed(text: str, schema: Mapping[str, Any]) -> Any:
    """A query parameter as the value that it spells."""
    match schema.get("type"):
        case "array":
            return text.split(",")
        case "integer" if re.fullmatch(r"-?\d+", text):
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
    return text
