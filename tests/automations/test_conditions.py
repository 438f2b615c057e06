"""Conditions are pure: judged by value, with the logic that people expect of all, any and not."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.conditions import ALWAYS, All, AnyOf, Condition, Facts, Test, explain, holds
from automations.operators import KINDS, OPERATORS, of_kind

NOW = datetime(2026, 3, 15, 12, 30, tzinfo=UTC)


def asked(operator: str, value: Any, wanted: Any = None, kind: str = "text") -> bool:
    return holds(Test("f", kind, operator, wanted), Facts({"f": value}, NOW))


days = st.dates(min_value=datetime(1990, 1, 1).date(), max_value=datetime(2090, 1, 1).date()).map(str)
instants = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)).map(
    lambda at: at.isoformat(timespec="microseconds") + "Z"
)
decimals = st.decimals(-9999, 9999, places=2).map(lambda one: f"{one.normalize():f}")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=8),
    "choice": st.sampled_from(["TODO", "DONE", "BLOCKED"]),
    "integer": st.integers(-1000, 1000),
    "decimal": decimals,
    "date": days,
    "datetime": instants,
    "boolean": st.booleans(),
    "tags": st.lists(st.sampled_from(["a", "B", "c"]), max_size=3),
    "json": st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    "uuid": st.uuids().map(str),
    "reference": st.uuids().map(str),
}
OPPOSITES = [
    ("is", "is_not"),
    ("in", "not_in"),
    ("contains", "not_contains"),
    ("has", "has_not"),
    ("empty", "not_empty"),
]


@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_opposites_never_agree(data: st.DataObject, kind: str) -> None:
    value = data.draw(st.none() | VALUES[kind])
    for one, other in OPPOSITES:
        operator = OPERATORS[one]
        if kind in operator.kinds:
            single = st.sampled_from(["a", "b"]) if kind == "tags" else VALUES[kind]
            wanted = data.draw(st.lists(single, min_size=1) if operator.takes == "list" else single)
            assert asked(one, value, wanted, kind) is not asked(other, value, wanted, kind)


@given(data=st.data(), kind=st.sampled_from(["integer", "decimal"]))
def test_numbers_are_ordered_as_numbers(data: st.DataObject, kind: str) -> None:
    left, right = data.draw(VALUES[kind]), data.draw(VALUES[kind])
    expected = Decimal(str(left)), Decimal(str(right))
    assert asked("greater", left, right, kind) is (expected[0] > expected[1])
    assert asked("at_least", left, right, kind) is (expected[0] >= expected[1])
    assert asked("less", left, right, kind) is (expected[0] < expected[1])
    assert asked("at_most", left, right, kind) is (expected[0] <= expected[1])
    assert asked("is", left, right, kind) is (expected[0] == expected[1])


@given(left=instants, right=instants)
def test_instants_are_ordered_as_time(left: str, right: str) -> None:
    assert asked("before", left, right, "datetime") is (datetime.fromisoformat(left) < datetime.fromisoformat(right))
    assert asked("after", left, right, "datetime") is (datetime.fromisoformat(left) > datetime.fromisoformat(right))


@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_every_operator_answers_for_every_value_of_its_kinds(data: st.DataObject, kind: str) -> None:
    value = data.draw(st.none() | VALUES[kind])
    for operator in of_kind(kind):
        single = st.sampled_from(["a", "b"]) if kind == "tags" else VALUES[kind]
        wanted = {"nothing": st.none(), "days": st.integers(0, 400), "list": st.lists(single, min_size=1)}
        chosen = data.draw(wanted.get(operator.takes, single))
        assert asked(operator.key, value, chosen, kind) in (True, False)


leaves = st.builds(
    Test, st.sampled_from(["a", "b", "c"]), st.just("integer"), st.sampled_from(["is", "greater"]), st.integers(0, 2)
)
trees: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: (
        st.builds(All, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@given(tree=trees, values=st.fixed_dictionaries({name: st.integers(0, 3) for name in "abc"}))
def test_an_explanation_says_what_the_rule_decides(tree: Condition, values: dict[str, int]) -> None:
    facts = Facts(values, NOW)
    assert explain(tree, facts).holds is holds(tree, facts)


@given(parts=st.lists(trees, max_size=4), values=st.fixed_dictionaries({name: st.integers(0, 3) for name in "abc"}))
def test_all_and_any_are_what_their_parts_say(parts: list[Condition], values: dict[str, int]) -> None:
    facts = Facts(values, NOW)
    single = [holds(part, facts) for part in parts]
    assert holds(All(tuple(parts)), facts) is all(single)
    assert holds(AnyOf(tuple(parts)), facts) is any(single)


@pytest.mark.parametrize(
    ("operator", "value", "wanted", "kind", "expected"),
    [
        ("is", "Attic", "ATTIC", "text", True),
        ("is", "DONE", "done", "choice", False),
        ("is", None, "", "text", True),
        ("contains", "Inspect attic", "ATT", "text", True),
        ("not_contains", None, "x", "text", True),
        ("starts_with", "Inspect", "in", "text", True),
        ("ends_with", "Inspect", "IN", "text", False),
        ("greater", None, 3, "integer", False),
        ("less", None, 3, "integer", False),
        ("is", "12.50", "12.5", "decimal", True),
        ("has", ["Roof", "urgent"], "roof", "tags", True),
        ("has", None, "roof", "tags", False),
        ("has_any", ["a"], ["b", "A"], "tags", True),
        ("has_all", ["a"], ["b", "a"], "tags", False),
        ("in_next_days", "2026-03-15", 0, "date", True),
        ("in_next_days", "2026-03-17", 1, "date", False),
        ("in_past_days", "2026-03-14", 1, "date", True),
        ("older_than_days", "2026-03-14", 1, "date", False),
        ("older_than_days", "2026-03-13", 1, "date", True),
        ("in_past_days", "2026-03-15T12:31:00.000000Z", 1, "datetime", False),
    ],
)
def test_what_people_expect(operator: str, value: Any, wanted: Any, kind: str, expected: bool) -> None:
    assert asked(operator, value, wanted, kind) is expected


def test_change_operators_ask_what_the_change_did() -> None:
    facts = Facts({"status": "DONE"}, NOW, {"status": "TODO"}, {"status": "DONE"})
    assert holds(Test("status", "choice", "changed"), facts)
    assert holds(Test("status", "choice", "changed_from", "TODO"), facts)
    assert holds(Test("status", "choice", "changed_to", "DONE"), facts)
    assert not holds(Test("status", "choice", "changed_to", "TODO"), facts)
    assert not holds(Test("status", "choice", "changed_to", "DONE"), Facts({"status": "DONE"}, NOW))


def test_without_conditions_a_rule_always_holds_and_an_empty_any_never() -> None:
    assert holds(ALWAYS, Facts({}, NOW))
    assert not holds(AnyOf(), Facts({}, NOW))


def test_time_is_told_not_taken() -> None:
    condition = Test("f", "datetime", "older_than_days", 1)
    value = {"f": "2026-03-14T12:30:00.000000Z"}
    assert not holds(condition, Facts(value, NOW))
    assert holds(condition, Facts(value, NOW + timedelta(seconds=1)))


@pytest.mark.parametrize("name", ["conditions", "operators", "templates", "times", "errors"])
def test_the_evaluation_needs_no_django(name: str) -> None:
    tree = ast.parse((Path(__file__).parents[2] / "automations" / f"{name}.py").read_text())
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    ours = {"automations.conditions", "automations.operators", "automations.errors"}
    assert [
        one for one in modules if one.split(".")[0] in ("django", "records", "automations") and one not in ours
    ] == []
