"""The words that rules are made of, as data: for forms, for programs, for help."""

from __future__ import annotations

from typing import Any

from automations.actions import ACTIONS
from automations.happenings import ALL, CHANGE
from automations.operators import KINDS, of_kind
from records import catalog
from records.catalog import SyncField


def vocabulary() -> dict[str, Any]:
    """Triggers, types of records, operators by kind, actions."""
    return {
        "triggers": [
            {"type": one.key, "label": one.label, "about": one.about, "fields": [_field(each) for each in one.fields]}
            for one in ALL
        ],
        "resourceTypes": {
            one.key: {"label": one.label, "fields": [_field(each) for each in (*one.fields, *CHANGE)]}
            for one in catalog.all_types()
        },
        "operators": {
            kind: [{"operator": one.key, "label": one.label, "takes": one.takes} for one in of_kind(kind)]
            for kind in KINDS
        },
        "actions": [
            {
                "type": action.type,
                "label": action.label,
                "parameters": [
                    {
                        "name": one.name,
                        "label": one.label,
                        "kind": one.kind,
                        "required": one.required,
                        "choices": [{"value": value, "label": label} for value, label in one.choices],
                        "help": one.help,
                    }
                    for one in action.parameters
                ],
            }
            for action in ACTIONS.values()
        ],
    }


def _field(field: SyncField) -> dict[str, Any]:
    return {"name": field.name, "kind": field.kind.value, "choices": list(field.choices)}
