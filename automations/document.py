"""A rule's document: JSON as people and programs write it, checked, and made into what evaluates it.

{
  "trigger": {"type": "field.changed", "resourceType": "task", "field": "status", "to": "COMPLETED"},
  "conditions": {"all": [{"field": "priority", "operator": "in", "value": ["HIGH", "URGENT"]}]},
  "actions": [{"type": "notify", "role": "WEB_STEWARD", "text": "Done: {title}"}]
}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations.conditions import ALWAYS, All, AnyOf, Condition, Test
from automations.errors import DocumentError, Problem
from automations.happenings import KINDS, fields_of
from automations.operators import OPERATORS, of_kind
from automations.times import Times, read_times
from records import catalog
from records.catalog import SyncField
from records.coercion import coerced
from records.values import problem_of

MAX_ACTIONS = 10
MAX_TESTS = 50
MAX_DEPTH = 5
PARTS = {"trigger", "conditions", "actions"}


@dataclass(frozen=True)
class Trigger:
    """`integration` "" = any; `times` of a schedule; `changes` holds what a `field.changed` asks beyond the field."""

    kind: str
    resource_type: str = ""
    field: str = ""
    changes: Condition = ALWAYS
    integration: str = ""
    times: Times | None = None


@dataclass(frozen=True)
class Given:
    """One action of a document: its type, the rest as it was written, and its place in the list."""

    type: str
    parameters: Mapping[str, Any]
    at: int = 0


@dataclass(frozen=True)
class Compiled:
    """A document that can be evaluated."""

    trigger: Trigger
    condition: Condition
    actions: tuple[Given, ...]


class _Reader:
    """Collects problems, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.tests = 0
        self.fields: dict[str, SyncField] = {}

    def wrong(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def only(self, path: str, given: Mapping[str, Any], *known: str) -> None:
        for name in sorted(set(given) - set(known)):
            self.wrong(f"{path}.{name}", f"This is not known here. Known: {', '.join(known)}.")

    def trigger(self, given: Any) -> Trigger:
        if not isinstance(given, Mapping) or given.get("type") not in KINDS:
            self.wrong("trigger.type", f"Say what the rule waits for: one of {', '.join(KINDS)}.")
            return Trigger("")
        kind = str(given["type"])
        about = KINDS[kind].about
        if about == "record":
            names = ("field", "from", "to") if kind == "field.changed" else ()
            self.only("trigger", given, "type", "resourceType", *names)
            return self._of_record(kind, given)
        if about == "time":
            self.only("trigger", given, "type", "resourceType", "everyMinutes", "at", "days", "timezone")
            times, problems = read_times(given)
            self.problems.extend(problems)
            return Trigger(kind, self._type(given) if given.get("resourceType") else "", times=times)
        self.only("trigger", given, "type", "integration")
        return Trigger(kind, integration=str(given.get("integration") or "").lower())

    def _type(self, given: Mapping[str, Any]) -> str:
        keys = [one.key for one in catalog.all_types()]
        key = str(given.get("resourceType") or "").lower()
        if key not in keys:
            self.wrong("trigger.resourceType", f"Choose the type of records: one of {', '.join(keys)}.")
            return ""
        return key

    def _of_record(self, kind: str, given: Mapping[str, Any]) -> Trigger:
        key = self._type(given)
        if kind != "field.changed" or not key:
            return Trigger(kind, key)
        name = str(given.get("field") or "")
        if not catalog.get(key).has_field(name):
            known = ", ".join(catalog.get(key).field_names)
            self.wrong("trigger.field", f"Choose the field whose change is waited for: one of {known}.")
            return Trigger(kind, key)
        field = catalog.get(key).field(name)
        tests = [
            Test(field.name, field.kind.value, operator, self._value(f"trigger.{side}", field, given[side]))
            for side, operator in (("from", "changed_from"), ("to", "changed_to"))
            if given.get(side) not in (None, "")
        ]
        return Trigger(kind, key, field.name, All(tuple(tests)))

    def condition(self, given: Any, path: str, depth: int = 1) -> Condition:
        if given in (None, {}, []):
            return ALWAYS
        if not isinstance(given, Mapping):
            self.wrong(path, 'This must be an object: {"all": [...]}, {"any": [...]}, or one with "field".')
            return ALWAYS
        if "field" in given:
            return self._test(given, path)
        if len(given) != 1 or not set(given) <= {"all", "any"}:
            self.wrong(path, 'Write {"all": [...]} or {"any": [...]}, or a test with "field", "operator" and "value".')
            return ALWAYS
        ((name, parts),) = given.items()
        if not isinstance(parts, list):
            self.wrong(f"{path}.{name}", "This must be a list of conditions.")
            return ALWAYS
        if depth > MAX_DEPTH:
            self.wrong(path, f"Conditions are nested deeper than {MAX_DEPTH}. Make two rules of it.")
            return ALWAYS
        if name == "any" and not parts:
            self.wrong(f"{path}.any", "Add a condition, or take this group away: an empty one never holds.")
        read = tuple(self.condition(part, f"{path}.{name}[{at}]", depth + 1) for at, part in enumerate(parts))
        return All(read) if name == "all" else AnyOf(read)

    def _test(self, given: Mapping[str, Any], path: str) -> Condition:
        self.only(path, given, "field", "operator", "value")
        self.tests += 1
        field = self.fields.get(str(given["field"]))
        if field is None:
            known = ", ".join(self.fields) or "none"
            self.wrong(f"{path}.field", f"There is no field '{given['field']}' here. Known: {known}.")
            return ALWAYS
        operator = OPERATORS.get(str(given.get("operator")))
        if operator is None or field.kind.value not in operator.kinds:
            known = ", ".join(one.key for one in of_kind(field.kind.value))
            self.wrong(f"{path}.operator", f"{field.name} ({field.kind.value}) can be asked: {known}.")
            return ALWAYS
        value = self._operand(f"{path}.value", field, operator.takes, given.get("value"))
        return Test(field.name, field.kind.value, operator.key, value)

    def _operand(self, path: str, field: SyncField, takes: str, given: Any) -> Any:
        if takes == "nothing":
            return None
        if takes == "days":
            if isinstance(given, str) and given.isascii() and given.isdigit():
                given = int(given)
            if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 36_500:
                self.wrong(path, "Give a number of days from 0 to 36500.")
                return 0
            return given
        if takes == "list":
            if not isinstance(given, list) or not given:
                self.wrong(path, "Give a list with at least one value.")
                return []
            if field.kind.value == "tags":
                return [str(each) for each in given]
            return [self._value(f"{path}[{at}]", field, each) for at, each in enumerate(given)]
        if field.kind.value == "tags":
            return self._tag(path, given)
        return self._value(path, field, given)

    def _tag(self, path: str, given: Any) -> Any:
        if not isinstance(given, str) or not given:
            self.wrong(path, "Give one tag.")
        return given

    def _value(self, path: str, field: SyncField, given: Any) -> Any:
        """The plain value; part of a text is a text of any length, and nothing may be compared with."""
        try:
            plain = coerced(field, given)
        except ValueError as error:
            self.wrong(path, str(error))
            return None
        if plain is None:
            self.wrong(path, "Give a value, or ask whether the field is empty.")
        elif problem := problem_of(field, plain):
            self.wrong(path, problem)
        return plain

    def actions(self, given: Any) -> tuple[Given, ...]:
        if not isinstance(given, list) or not given:
            self.wrong("actions", "Add at least one action: what is to be done.")
            return ()
        if len(given) > MAX_ACTIONS:
            self.wrong("actions", f"A rule has at most {MAX_ACTIONS} actions. Make two rules of it.")
        found = []
        for at, each in enumerate(given):
            if not isinstance(each, Mapping) or not isinstance(each.get("type"), str):
                self.wrong(f"actions[{at}].type", "Choose what is to be done.")
                continue
            found.append(Given(each["type"], {name: value for name, value in each.items() if name != "type"}, at))
        return tuple(found)


def read(document: Any) -> Compiled:
    """Shape, names, operators and values. What only the organization's own data can tell (is there such an
    integration?) is checked by `services`. Raises `DocumentError` with every problem."""
    compiled, problems = examine(document)
    if problems:
        raise DocumentError(problems)
    return compiled


def examine(document: Any) -> tuple[Compiled, list[Problem]]:
    """As `read`, with what could be read beside the problems."""
    reader = _Reader()
    if not isinstance(document, Mapping):
        problem = Problem("document", 'This must be an object with "trigger", "conditions", "actions".')
        return Compiled(Trigger(""), ALWAYS, ()), [problem]
    reader.only("document", document, *sorted(PARTS))
    trigger = reader.trigger(document.get("trigger"))
    condition: Condition = ALWAYS
    if trigger.kind and not any(one.path.startswith("trigger") for one in reader.problems):
        reader.fields = fields_of(trigger.kind, trigger.resource_type)
        condition = reader.condition(document.get("conditions"), "conditions")
    if reader.tests > MAX_TESTS:
        reader.wrong("conditions", f"There are more than {MAX_TESTS} conditions. Make two rules of it.")
    return Compiled(trigger, condition, reader.actions(document.get("actions"))), reader.problems


def read_conditions(given: Any, resource_type: str) -> Condition:
    """Conditions on records of one type, as an outgoing webhook has them. Raises `DocumentError`."""
    reader = _Reader()
    if given and not resource_type:
        raise DocumentError([Problem("conditions", "Conditions need events of one type of records.")])
    if not given:
        return ALWAYS
    reader.fields = fields_of("record.updated", resource_type)
    condition = reader.condition(given, "conditions")
    if reader.problems:
        raise DocumentError(reader.problems)
    return condition
