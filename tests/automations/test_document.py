"""Documents are refused with the place of every problem and what to do there."""

from __future__ import annotations

from typing import Any

import pytest

from automations.conditions import All, AnyOf, Test
from automations.document import read
from automations.errors import DocumentError

NOTE = {"type": "notify", "address": "a@example.org", "text": "x"}


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "trigger": {"type": "record.created", "resourceType": "task"},
        "conditions": {},
        "actions": [NOTE],
        **changes,
    }


def problems(document: Any) -> dict[str, str]:
    with pytest.raises(DocumentError) as refused:
        read(document)
    return {path: " ".join(said) for path, said in refused.value.by_path().items()}


def test_a_document_is_made_into_what_evaluates_it() -> None:
    compiled = read(
        rule(
            trigger={"type": "field.changed", "resourceType": "TASK", "field": "status", "to": "COMPLETED"},
            conditions={
                "all": [
                    {"field": "priority", "operator": "in", "value": ["HIGH"]},
                    {"any": [{"field": "dueDate", "operator": "before", "value": "2026-03-01"}]},
                ]
            },
        )
    )
    assert (compiled.trigger.kind, compiled.trigger.resource_type, compiled.trigger.field) == (
        "field.changed", "task", "status",
    )  # fmt: skip
    assert compiled.trigger.changes == All((Test("status", "choice", "changed_to", "COMPLETED"),))
    assert compiled.condition == All(
        (Test("priority", "choice", "in", ["HIGH"]), AnyOf((Test("dueDate", "date", "before", "2026-03-01"),)))
    )


def test_what_people_type_is_understood() -> None:
    compiled = read(
        rule(
            trigger={"type": "record.updated", "resourceType": "participation_log"},
            conditions={
                "all": [
                    {"field": "minutes", "operator": "greater", "value": "30"},
                    {"field": "billable", "operator": "is", "value": "yes"},
                    {"field": "date", "operator": "in_past_days", "value": "7"},
                ]
            },
        )
    )
    assert isinstance(compiled.condition, All)
    assert [test.value for test in compiled.condition.parts if isinstance(test, Test)] == [30, True, 7]


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"trigger": {"type": "nonsense"}}, "trigger.type", "record.created"),
        ({"trigger": {"type": "record.created"}}, "trigger.resourceType", "task"),
        ({"trigger": {"type": "record.created", "resourceType": "task", "x": 1}}, "trigger.x", "not known"),
        ({"trigger": {"type": "field.changed", "resourceType": "task"}}, "trigger.field", "status"),
        (
            {"trigger": {"type": "field.changed", "resourceType": "task", "field": "status", "to": "NO"}},
            "trigger.to",
            "COMPLETED",
        ),
        ({"trigger": {"type": "schedule"}}, "trigger.everyMinutes", "08:00"),
        ({"trigger": {"type": "schedule", "everyMinutes": 1}}, "trigger.everyMinutes", "from 5"),
        ({"trigger": {"type": "schedule", "at": "8 o'clock"}}, "trigger.at", "08:00"),
        ({"trigger": {"type": "schedule", "at": "08:00", "days": ["x"]}}, "trigger.days", "mon"),
        ({"trigger": {"type": "schedule", "at": "08:00", "timezone": "Mars"}}, "trigger.timezone", "Europe"),
        ({"conditions": {"field": "x", "operator": "is", "value": 1}}, "conditions.field", "title"),
        (
            {"conditions": {"all": [{"field": "title", "operator": "greater", "value": 1}]}},
            "conditions.all[0].operator",
            "contains",
        ),
        (
            {"conditions": {"any": [{"field": "dueDate", "operator": "before", "value": "soon"}]}},
            "conditions.any[0].value",
            "2026-01-31",
        ),
        ({"conditions": {"all": [{"field": "title", "operator": "is"}]}}, "conditions.all[0].value", "empty"),
        (
            {"conditions": {"all": [{"field": "title", "operator": "in", "value": "x"}]}},
            "conditions.all[0].value",
            "list",
        ),
        ({"conditions": {"any": []}}, "conditions.any", "never holds"),
        ({"conditions": {"all": [], "any": []}}, "conditions", '{"all"'),
        ({"conditions": [1]}, "conditions", "object"),
        ({"actions": []}, "actions", "at least one"),
        ({"actions": [{}]}, "actions[0].type", "Choose"),
        ({"actions": [NOTE] * 11}, "actions", "at most 10"),
        ({"extra": 1}, "document.extra", "not known"),
    ],
)
def test_each_problem_has_its_place_and_says_what_to_do(changes: dict[str, Any], path: str, says: str) -> None:
    assert says in problems(rule(**changes))[path]


def test_all_problems_are_told_at_once() -> None:
    wrong = rule(
        conditions={"all": [{"field": "x", "operator": "is", "value": 1}, {"field": "title", "operator": "huh"}]},
        actions=[],
    )
    assert set(problems(wrong)) == {"conditions.all[0].field", "conditions.all[1].operator", "actions"}


def test_nesting_and_number_are_bounded() -> None:
    deep: dict[str, Any] = {"field": "title", "operator": "empty"}
    for _ in range(6):
        deep = {"all": [deep]}
    assert "deeper" in " ".join(problems(rule(conditions=deep)).values())
    many = {"all": [{"field": "title", "operator": "empty"}] * 51}
    assert "more than 50" in problems(rule(conditions=many))["conditions"]


@pytest.mark.parametrize("document", [None, [], "x", 7])
def test_anything_else_is_refused(document: Any) -> None:
    assert "document" in problems(document)
