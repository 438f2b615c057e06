"""Checks that all actions share: are the parameters known, are the names in their texts, do the values fit?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automations import templates
from automations.actions.base import Parameter, integration_of
from automations.document import Trigger
from automations.errors import Problem
from automations.happenings import fields_of
from automations.models import Hook
from automations.news import WORDS
from records import catalog
from records.catalog import SyncType
from records.coercion import coerced
from records.models import Organization
from records.values import problem_of


@dataclass(frozen=True)
class About:
    """The action's place in the document, and what stands around it."""

    path: str
    organization: Organization
    trigger: Trigger
    parameters: tuple[Parameter, ...]

    @property
    def sync_type(self) -> SyncType | None:
        """The type of the record that the rule is about."""
        return catalog.get(self.trigger.resource_type) if self.trigger.resource_type else None

    def problems(self, given: Mapping[str, Any]) -> Iterator[Problem]:
        """Unknown and missing parameters, names that are not there, integrations that are not."""
        known = {each.name: each for each in self.parameters}
        for name in sorted(set(given) - set(known)):
            yield Problem(f"{self.path}.{name}", f"This is not known here. Known: {', '.join(known) or 'nothing'}.")
        for parameter in self.parameters:
            value = given.get(parameter.name)
            path = f"{self.path}.{parameter.name}"
            if value in (None, "", {}, []):
                if parameter.required:
                    yield Problem(path, f"{parameter.label} is missing.")
            else:
                yield from self._of_kind(parameter, value, path)

    def _of_kind(self, parameter: Parameter, value: Any, path: str) -> Iterator[Problem]:
        match parameter.kind:
            case "template" | "long":
                yield from self.text(value, path)
            case "integration" | "notifier":
                if integration_of(self.organization, value) is None:
                    yield Problem(path, "There is no such integration.")
            case "hook":
                if not _hooks(self.organization, value):
                    yield Problem(path, "There is no such webhook. Add it under outgoing webhooks first.")
            case "type":
                if str(value).lower() not in {one.key for one in catalog.all_types()}:
                    yield Problem(path, f"Choose one of {', '.join(one.key for one in catalog.all_types())}.")
            case "choice":
                if value not in dict(parameter.choices):
                    yield Problem(path, f"Choose one of {', '.join(dict(parameter.choices))}.")
            case "switch":
                if not isinstance(value, bool):
                    yield Problem(path, "This must be true or false.")
            case "values":
                if not isinstance(value, Mapping):
                    yield Problem(path, 'This must be an object of field to value, such as {"status": "DONE"}.')

    def text(self, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(path, "This must be text.")
        else:
            yield from self.names(value, path)

    def names(self, value: Any, path: str) -> Iterator[Problem]:
        """Names in a template that nothing fills."""
        fields = fields_of(self.trigger.kind, self.trigger.resource_type)
        for name in templates.names(value):
            if name.removeprefix("previous.") not in fields and name not in (*WORDS, "due"):
                known = ", ".join((*fields, *WORDS))
                yield Problem(path, f"'{{{name}}}' is not known here. Known: {known}, and previous.FIELD.")

    def values(self, sync_type: SyncType, given: Mapping[str, Any], path: str) -> Iterator[Problem]:
        """Values for fields of that type: names, kinds, and what the templates in them name."""
        for name, value in given.items():
            place = f"{path}.{name}"
            if not sync_type.has_field(name):
                known = ", ".join(one.name for one in sync_type.fields if one.writable)
                yield Problem(place, f"{sync_type.label} has no field '{name}'. Known: {known}.")
            elif not sync_type.field(name).writable:
                yield Problem(place, f"{name} can be read, not set.")
            elif templates.names(value):
                yield from self.names(value, place)
            else:
                try:
                    problem = problem_of(sync_type.field(name), coerced(sync_type.field(name), value))
                except ValueError as error:
                    problem = str(error)
                if problem:
                    yield Problem(place, problem)


def _hooks(organization: Organization, key: Any) -> bool:
    return str(key) in {str(pk) for pk in Hook.objects.filter(organization=organization).values_list("pk", flat=True)}
