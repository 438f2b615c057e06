"""A rule while somebody edits it: what the form holds, from a document and to one.

Conditions are rows; a row joined by "or" belongs to the row above it, so rows say (a) and (b or c). A document that is
nested otherwise cannot be shown as rows and is edited as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automations.actions import ACTIONS
from automations.actions.base import Parameter
from automations.happenings import KINDS
from automations.operators import OPERATORS

TRIGGER = ("type", "resourceType", "field", "from", "to", "integration", "everyMinutes", "at", "days", "timezone")
_OF_KIND = {
    "record": ("type", "resourceType"),
    "integration": ("type", "integration"),
    "time": ("type", "resourceType", "everyMinutes", "at", "days", "timezone"),
}


class TooNested(ValueError):
    """The conditions are nested deeper than rows can show."""


@dataclass
class Row:
    """One condition. `path` is its place in the document that was made of it last."""

    field: str = ""
    operator: str = ""
    value: str = ""
    joined: str = "and"
    path: str = ""


@dataclass
class ActionRow:
    """One action: its type, and what was typed for each parameter."""

    type: str = ""
    given: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return ACTIONS[self.type].parameters if self.type in ACTIONS else ()


@dataclass
class Draft:
    """Trigger, conditions and actions as the form has them: texts."""

    trigger: dict[str, Any] = field(default_factory=lambda: {"type": "record.created", "resourceType": "task"})
    rows: list[Row] = field(default_factory=list)
    actions: list[ActionRow] = field(default_factory=lambda: [ActionRow()])

    @property
    def kind(self) -> str:
        return str(self.trigger.get("type") or "")

    @property
    def about(self) -> str:
        return KINDS[self.kind].about if self.kind in KINDS else "record"

    def document(self) -> dict[str, Any]:
        """As the rule stores it. Empty rows are left out."""
        return {
            "trigger": self._trigger(),
            "conditions": self._conditions(),
            "actions": [_action(row) for row in self.actions if row.type],
        }

    def _trigger(self) -> dict[str, Any]:
        names = _OF_KIND[self.about]
        if self.kind == "field.changed":
            names = (*names, "field", "from", "to")
        return {name: self.trigger[name] for name in names if self.trigger.get(name) not in (None, "", [])}

    def _conditions(self) -> dict[str, Any]:
        groups: list[list[Row]] = []
        for row in self.rows:
            if not row.field:
                continue
            if row.joined == "or" and groups:
                groups[-1].append(row)
            else:
                groups.append([row])
        parts: list[dict[str, Any]] = []
        for at, group in enumerate(groups):
            for place, row in enumerate(group):
                row.path = f"conditions.all[{at}]" + (f".any[{place}]" if len(group) > 1 else "")
            tests = [_test(row) for row in group]
            parts.append(tests[0] if len(tests) == 1 else {"any": tests})
        return {"all": parts} if parts else {}


def _test(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"field": row.field, "operator": row.operator}
    takes = OPERATORS[row.operator].takes if row.operator in OPERATORS else "value"
    if takes == "list":
        found["value"] = [part.strip() for part in row.value.split(",") if part.strip()]
    elif takes != "nothing":
        found["value"] = row.value
    return found


def _action(row: ActionRow) -> dict[str, Any]:
    found: dict[str, Any] = {"type": row.type}
    for parameter in row.parameters:
        text = row.given.get(parameter.name, "")
        if parameter.kind == "values":
            found[parameter.name] = values_of(text)
        elif parameter.kind == "switch":
            if text:
                found[parameter.name] = True
        elif text:
            found[parameter.name] = text
    return found


def values_of(text: str) -> dict[str, str]:
    """`status = DONE`, one a line. A line without "=" is a field that is emptied."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip():
            found[name.strip()] = value.strip()
    return found


def text_of(values: Mapping[str, Any]) -> str:
    """The way back."""
    return "\n".join(f"{name} = {_text(value)}" for name, value in values.items())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)


def of_document(document: Mapping[str, Any]) -> Draft:
    """Raises `TooNested`."""
    trigger = {name: document["trigger"].get(name, "") for name in TRIGGER}
    return Draft(
        {**trigger, "days": document["trigger"].get("days") or []},
        _rows(document.get("conditions") or {}),
        [_action_row(each) for each in document.get("actions", ())],
    )


def _rows(conditions: Mapping[str, Any]) -> list[Row]:
    if not conditions:
        return []
    if "field" in conditions:
        return [_row(conditions, "and")]
    rows: list[Row] = []
    for part in conditions.get("all", [conditions]):
        if "field" in part:
            rows.append(_row(part, "and"))
        elif "any" in part and part["any"] and all("field" in each for each in part["any"]):
            rows.extend(_row(each, "or" if at else "and") for at, each in enumerate(part["any"]))
        else:
            raise TooNested
    return rows


def _row(test: Mapping[str, Any], joined: str) -> Row:
    return Row(test["field"], test.get("operator", ""), _text(test.get("value")), joined)


def _action_row(action: Mapping[str, Any]) -> ActionRow:
    row = ActionRow(action["type"])
    for parameter in row.parameters:
        value = action.get(parameter.name)
        row.given[parameter.name] = text_of(value) if isinstance(value, Mapping) else _text(value)
    return row
