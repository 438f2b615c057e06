"""Trying a rule on a record: what would happen, without doing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from automations.document import Compiled, read
from automations.errors import DocumentError
from automations.trying import NoSuchRecord, needs_record, try_out
from console.automations.rules import RulePage
from records import catalog
from records.catalog import Kind, SyncType

SHOWN = 20


class TryRule(RulePage):
    """Choose one of the latest records, find one by its beginning, or name it by its id."""

    template_name = "console/automations/try.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            compiled = read(self.rule.document)
        except DocumentError as error:
            return self.show(rule=self.rule, problem=str(error))
        record = request.GET.get("record", "").strip()
        given: dict[str, Any] = {"rule": self.rule, "record": record, "search": request.GET.get("search", "").strip()}
        if needs_record(compiled):
            given["records"] = self._records(compiled, given["search"])
            given["type"] = catalog.get(compiled.trigger.resource_type).label
        if record or not needs_record(compiled):
            given |= self._tried(compiled, record)
        return self.show(**given)

    def _tried(self, compiled: Compiled, record: str) -> dict[str, Any]:
        try:
            known = str(UUID(record)) if record else ""
            return {"report": try_out(self.rule.organization, self.rule.name, compiled, known)}
        except (ValueError, NoSuchRecord):
            return {"problem": _("There is no such record. Choose one from the list, or enter its id.")}

    def _records(self, compiled: Compiled, search: str) -> list[tuple[str, str]]:
        """(id, name) of the latest, or of those whose first text holds what was searched."""
        sync_type = catalog.get(compiled.trigger.resource_type)
        column = _name_column(sync_type)
        found = sync_type.model.objects.filter(organization=self.rule.organization)
        if search and column:
            found = found.filter(**{f"{column}__icontains": search.replace("\0", "")})
        return [(str(one.pk), str(one)) for one in found.order_by("-id")[:SHOWN]]

    def heading(self) -> Any:
        return _("Try")

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield from super().parents()
        yield self.rule.name, reverse("console:rule", args=[self.rule.pk])


def _name_column(sync_type: SyncType) -> str:
    first = next((field for field in sync_type.fields if field.kind is Kind.TEXT), None)
    return sync_type.model_field(first).attname if first else ""
