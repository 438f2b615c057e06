"""What the tests of mapping share."""

from __future__ import annotations

from typing import Any

from integrations.mapping import CompiledMapping, FieldSpec, compile_mapping

STATUSES = ("TODO", "IN_PROGRESS", "BLOCKED", "IN_REVIEW", "COMPLETED", "CANCELLED")
TASK = {
    "title": FieldSpec("text", required=True, max_length=300),
    "description": FieldSpec("text"),
    "status": FieldSpec("choice", required=True, choices=STATUSES),
    "dueDate": FieldSpec("date"),
    "assignedToId": FieldSpec("reference", reference="member"),
}
MEMBER = {
    "email": FieldSpec("text"),
    "name": FieldSpec("text"),
    "role": FieldSpec("text"),
    "profile.totalEquityUnits": FieldSpec("decimal"),
}


def one_rule(transform: Any, kind: str = "text", *, lists: str = "pull", **spec: Any) -> CompiledMapping:
    """A mapping of one rule x -> y; `lists` is pull, push, two-way (derived) or pull-only."""
    rule = {"externalField": "x", "internalField": "y", "transform": transform}
    named = {
        "pull": {"externalToInternal": [rule]},
        "push": {"internalToExternal": [rule]},
        "pull-only": {"externalToInternal": [rule], "internalToExternal": []},
    }[lists]
    return compile_mapping({"resourceType": "TASK", **named}, {"y": FieldSpec(kind, **spec)})


def pull(mapping: CompiledMapping, raw: Any) -> Any:
    return mapping.to_local(mapping.read_external({"x": raw}))[0]


def push(mapping: CompiledMapping, local: Any) -> Any:
    return mapping.write(dict(enumerate(mapping.to_external((local,))))).get("x")
