"""The rules of a simulated hub besides the shipped ones: some of use, and pairs that would chase each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.simulation.ledger import CLOSED


def _changed(kind: str, field: str, **values: str) -> dict[str, Any]:
    return {
        "trigger": {"type": "field.changed", "resourceType": kind, "field": field},
        "conditions": {},
        "actions": [{"type": "set_fields", "values": values}],
    }


DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    # Of use: a state leaves its mark, which travels on to the item.
    "mark": _changed("job", "status", number="{status}"),
    "due when closed": {
        **_changed("item", "status", date="2026-08-01"),
        "conditions": {"all": [{"field": "status", "operator": "is", "value": CLOSED}]},
    },
    "call about it": {
        **_changed("job", "status"),
        "actions": [{"type": "create_record", "resourceType": "task", "values": {"title": "Call about {title}"}}],
    },
    # A pair that chases each other on one record.
    "notes after number": _changed("job", "number", notes="{number}+"),
    "number after notes": _changed("job", "notes", number="{notes}-"),
    # A pair that chases each other across the sync: the job's title is the item's name.
    "title again": _changed("job", "title", title="{title}!"),
    "name again": _changed("item", "name", name="{name}?"),
    # One that would chase itself, were it allowed to.
    "itself": _changed("job", "addressLine1", addressLine1="{addressLine1}/"),
}
"""Name -> document."""
