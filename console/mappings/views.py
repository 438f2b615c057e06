"""The tab of field rules: what is mapped, the editor with its preview, and the versions behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.base.errors import ConnectorError
from connectors.base.paths import get_path
from console.integrations.tabs import Tab
from console.mappings import columns, versions
from console.mappings.posted import rows_in
from console.mappings.rows import ENUMS, PLAIN, Row, Unreadable, document_of, hidden, rows_of
from integrations.connect import connect
from integrations.mapping.compiler import compile_mapping
from integrations.mapping.errors import MappingError, Problem
from integrations.mapping.transforms import REGISTRY
from integrations.models import FieldMapping
from integrations.services import check_mapping, field_specs, save_mapping
from records import catalog
from records.catalog import SyncType
from sync_engine.api import previewing
from sync_engine.build import mappings_in_force
from sync_engine.ports import ports
from sync_engine.running.verdicts import sentence_for

EMPTY_ROWS = 2
VERSIONS = 30
WAYS = (("both", "↔"), ("in", "→"), ("out", "←"))
KINDS = {
    "string": gettext_lazy("Text"),
    "number": gettext_lazy("Number"),
    "boolean": gettext_lazy("Yes or no"),
    "date": gettext_lazy("Day"),
    "datetime": gettext_lazy("Day and time"),
    "enum": gettext_lazy("Choice (value by value)"),
    "tags": gettext_lazy("Tags"),
    "lookup": gettext_lazy("Another record"),
    "json": gettext_lazy("As it is (JSON)"),
}


class FieldRules(Tab):
    """Every type of record with its rules in force."""

    key = "rules"
    template_name = "console/mappings/list.html"

    def context(self) -> dict[str, Any]:
        found = mappings_in_force(self.one).values()
        return {"mappings": [(one, catalog.get(one.resource_type), rows_of(one.document)) for one in found]}


class OneMapping(Tab):
    """A page of the mapping of one type."""

    key = "rules"

    @cached_property
    def sync_type(self) -> SyncType:
        try:
            return catalog.get(self.kwargs["kind"])
        except KeyError as error:
            raise Http404 from error

    @cached_property
    def mapping(self) -> FieldMapping:
        found = mappings_in_force(self.one).get(self.sync_type.key)
        if found is None:
            raise Http404
        return found

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield from super().parents()
        yield self.one.name, reverse("console:integration", args=[self.one.pk])
        yield _("Fields"), reverse("console:integration_rules", args=[self.one.pk])

    def heading(self) -> Any:
        return _("Fields of %(type)s") % {"type": self.sync_type.label}


class Editor(OneMapping):
    """Two columns of fields and the rules between them. Saving makes a new version, once every rule holds."""

    template_name = "console/mappings/editor.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        samples, trouble = self._samples()
        return self.edit(rows_of(self.mapping.document), samples, trouble=trouble)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows, samples = rows_in(request.POST), samples_in(request.POST)
        document, problems = self.read(rows)
        if request.POST.get("version") != str(self.mapping.version):
            problems = [Problem("", _("Somebody saved another version meanwhile. Reload the page and edit that one."))]
        if not problems:
            try:
                save_mapping(self.one, self.sync_type.key, document, created_by=self.who)
            except MappingError as error:
                problems = error.problems
        if problems:
            return self.edit(rows, samples, status=422, problems=problems)
        messages.success(request, _("Saved. The next sync reads everything again under the new rules."))
        return HttpResponseRedirect(reverse("console:integration_rules", args=[self.one.pk]))

    def read(self, rows: Sequence[Row]) -> tuple[dict[str, Any], list[Problem]]:
        """The document of these rows, and what keeps it from being saved."""
        try:
            document = document_of(rows, self.mapping.document)
        except Unreadable as error:
            return {}, [Problem("", str(error))]
        try:
            check_mapping(self.sync_type.key, document)
        except MappingError as error:
            return document, [Problem(_place(document, one.path), one.sentence) for one in error.problems]
        return document, []

    def edit(
        self, rows: Sequence[Row], samples: Sequence[Mapping[str, Any]], *, status: int = 200, **more: Any
    ) -> HttpResponseBase:
        problems: list[Problem] = more.get("problems", [])
        shown = [*rows, *(Row() for _number in range(EMPTY_ROWS))]
        return self.show(
            status,
            **{
                **more,
                "rows": [(row, told(row, problems)) for row in shown],
                "general": [one.sentence for one in problems if not any(told(row, [one]) for row in rows)],
                "mapping": self.mapping,
                "kind": self.sync_type,
                "theirs": columns.theirs(samples),
                "ours": columns.ours(self.sync_type),
                "samples": orjson.dumps(samples).decode(),
                "hidden_rules": len(hidden(self.mapping.document)),
                "ways": WAYS,
                "kinds": kinds(rows),
                "plain": PLAIN,
                "enums": ENUMS,
                "blank": Row(),
            },
        )

    def _samples(self) -> tuple[list[dict[str, Any]], str]:
        try:
            connector = connect(self.one, clock=ports().clock)
            return previewing.samples(connector, self.sync_type.key, self.mapping.document), ""
        except ConnectorError as error:
            return [], sentence_for(error)


class Preview(Editor):
    """What the samples become under the rules as they stand in the form. Stores nothing."""

    template_name = "console/mappings/preview.html"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows, samples = rows_in(request.POST), samples_in(request.POST)
        document, problems = self.read(rows)
        tried: list[dict[str, Any]] = []
        # A rule that loses something can be tried all the same; one that cannot be compiled is only told of.
        with suppress(MappingError):
            tried = previewing.try_out(compile_mapping(document, field_specs(self.sync_type)), samples)
        return self.show(problems=problems, tried=[shown(one, rows) for one in tried])


class Versions(OneMapping):
    """Who changed what, the latest first."""

    template_name = "console/mappings/versions.html"

    def context(self) -> dict[str, Any]:
        own = FieldMapping.objects.filter(integration=self.one, resource_type=self.sync_type.key)
        found = list(own.order_by("-version")[: VERSIONS + 1])
        before = [*found[1:], None]
        steps = [
            (one, versions.changes(old.document, one.document) if old else [])
            for one, old in zip(found, before, strict=True)
        ]
        return {"steps": steps[:VERSIONS], "kind": self.sync_type}


def _place(document: Mapping[str, Any], path: str) -> str:
    """A place such as "externalToInternal[3].transform" by the names of the rule's fields, as rows are called."""
    found = re.match(r"(externalToInternal|internalToExternal)\[(\d+)\]", path)
    if not found:
        return path
    rule = document[found[1]][int(found[2])]
    return f"{rule.get('externalField', '')} -> {rule.get('internalField', '')}"


def kinds(rows: Sequence[Row]) -> list[tuple[str, Any]]:
    """The transforms to choose from: the usual ones in words, then those that the rows use or that are registered."""
    others = sorted({*REGISTRY, *(row.kind for row in rows)} - {*KINDS})
    return [*KINDS.items(), *((name, name) for name in others)]


def samples_in(data: Mapping[str, str]) -> list[dict[str, Any]]:
    """The samples come back with the form, so that a preview asks nobody."""
    try:
        found = orjson.loads(data.get("samples", "[]"))
    except orjson.JSONDecodeError:
        return []
    return [one for one in found if isinstance(one, dict)][: previewing.SAMPLES] if isinstance(found, list) else []


def told(row: Row, problems: Sequence[Problem]) -> list[str]:
    """The problems that name this row."""
    return [one.sentence for one in problems if not row.blank and (row.name in one.path or row.name in one.sentence)]


def shown(tried: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """A tried sample as lines: there, here, and what would be written back."""
    internal, back = tried["internal"] or {}, tried["back"] or {}
    lines = [
        {
            "row": row,
            "there": get_path(tried["external"], row.external),
            "here": _("not resolved yet") if row.internal in tried["unresolved"] else internal.get(row.internal),
            "back": get_path(back, row.external) if row.way != "in" else None,
        }
        for row in rows
    ]
    title = next((str(value) for value in internal.values() if isinstance(value, str) and value), _("Sample"))
    return {"title": title, "lines": lines, "problem": tried["problem"]}
