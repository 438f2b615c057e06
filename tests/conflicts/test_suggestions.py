"""Suggestions from past decisions: by table, and what must hold for any past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflicts.strategies import CIRCUMSTANCES, MERGES, Contest
from conflicts.suggestions import FEWEST, SHARE, STRATEGIES, Past, backtest, suggest
from integrations.mapping import conflict_rules
from integrations.mapping.conflict_rules import FieldRule

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def decided(
    chosen: Any, *, local: Any = "ours", external: Any = "theirs", gap: float | None = 60, field: str = "title"
) -> Past:
    """`chosen` is local, external or a value; `gap` seconds lie between our edit and theirs."""
    at = None if gap is None else NOON + timedelta(seconds=gap)
    contest = Contest(field, "base", local, external, NOON, at)
    value = local if chosen == "local" else external if chosen == "external" else chosen
    winner = "LOCAL" if value == local else "EXTERNAL" if value == external else "MERGED"
    return Past("case", contest, winner, value)


def found(past: list[Past], **in_force: Any) -> list[tuple[str, str, str, int, int]]:
    return [(s.field, s.rule.when, s.rule.strategy, s.agreed, s.total) for s in suggest(past, in_force)]


THEIRS, OURS = decided("external"), decided("local")


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ([], []),
        ([THEIRS] * (FEWEST - 1), []),
        ([THEIRS] * FEWEST, [("title", "always", "prefer_external", FEWEST, FEWEST)]),
        ([THEIRS] * 41 + [OURS] * 2, [("title", "always", "prefer_external", 41, 43)]),
        ([THEIRS] * 8 + [OURS] * 2, []),
        ([OURS] * 10, [("title", "always", "prefer_local", 10, 10)]),
        # The later edit, whichever side it was on.
        (
            [decided("external", gap=60)] * 6 + [decided("local", gap=-60)] * 6,
            [("title", "always", "latest", 12, 12)],
        ),
        # Theirs where theirs is newer; where ours is newer, now this, now that.
        (
            [decided("external", gap=60)] * 9 + [decided("local", gap=-60)] * 5 + [decided("external", gap=-60)] * 5,
            [("title", "external_newer", "prefer_external", 9, 9)],
        ),
        # Empty there is no reason to lose ours; otherwise now this, now that.
        (
            [decided("local", external=None, gap=None)] * 7 + [decided("external", gap=None)] * 3
            + [decided("local", gap=None)] * 3,
            [("title", "external_empty", "prefer_local", 7, 7)],
        ),
        ([decided("9", local="9", external="3")] * 5 + [decided("9", local="3", external="9")] * 5,
         [("title", "always", "max", 10, 10)]),
        ([decided(["a", "b"], local=["a"], external=["b"])] * 5, [("title", "always", "union", 5, 5)]),
        ([decided("ours | theirs")] * 6, [("title", "always", "concatenate", 6, 6)]),
        ([decided("a third value")] * 20, []),
    ],
)  # fmt: skip
def test_what_the_past_speaks_for(past: list[Past], expected: list[Any]) -> None:
    assert found(past) == expected


def test_fields_are_learnt_apart_and_the_strongest_comes_first() -> None:
    past = [decided("local", field="dueDate")] * 9 + [THEIRS] * 6
    assert [one[:3] for one in found(past)] == [
        ("dueDate", "always", "prefer_local"),
        ("title", "always", "prefer_external"),
    ]


def test_what_is_in_force_is_not_suggested_again() -> None:
    past = [decided("external", gap=60)] * 9 + [decided("local", gap=-60)] * 3 + [decided("external", gap=-60)] * 3
    assert found(past) == [("title", "external_newer", "prefer_external", 9, 9)]
    assert found(past, title=[FieldRule("prefer_external", "external_newer")]) == []
    assert found([THEIRS] * 9, title=[FieldRule("prefer_local")]) == []


def test_a_backtest_names_where_it_differs() -> None:
    past = [THEIRS, OURS, decided("local", gap=None)]
    test = backtest(FieldRule("prefer_external", "external_newer"), past)
    assert (test.same, [one.past for one in test.different], test.left) == (1, [OURS], 1)
    assert test.different[0].value == "theirs"


def test_the_words_of_mappings_and_their_meaning_are_the_same() -> None:
    assert set(conflict_rules.CIRCUMSTANCES) == set(CIRCUMSTANCES)
    assert set(conflict_rules.STRATEGIES) == set(MERGES)
    assert set(STRATEGIES) < set(MERGES)


VALUES = st.sampled_from([None, "", "a", "b", "3", "10", "2026-01-31"])
PASTS = st.lists(
    st.builds(
        lambda chosen, local, external, gap, field: decided(
            chosen, local=local, external=external, gap=gap, field=field
        ),
        st.sampled_from(["local", "external", "third"]),
        VALUES,
        VALUES,
        st.sampled_from([None, -60.0, 0.0, 60.0]),
        st.sampled_from(["title", "dueDate"]),
    ),
    max_size=30,
)


@given(PASTS)
def test_a_suggestion_holds_what_it_says(past: list[Past]) -> None:
    for one in suggest(past):
        own = [each for each in past if each.contest.field == one.field]
        assert one.agreed >= FEWEST
        assert one.agreed / one.total >= SHARE
        assert one.total + one.test.left == len(own)
        again = backtest(one.rule, own)
        assert (again.same, again.left) == (one.agreed, one.test.left)


@given(PASTS)
def test_the_order_of_the_past_does_not_matter(past: list[Past]) -> None:
    assert found(past) == found(past[::-1])


@given(PASTS, st.sampled_from(STRATEGIES), st.sampled_from(list(CIRCUMSTANCES)))
def test_a_backtest_loses_no_decision(past: list[Past], strategy: str, when: str) -> None:
    test = backtest(FieldRule(strategy, when), past)
    assert test.same + len(test.different) + test.left == len(past)


@given(PASTS)
def test_a_rule_for_always_leaves_no_room_for_another(past: list[Past]) -> None:
    for field in ("title", "dueDate"):
        own = [one.rule.when for one in suggest(past) if one.field == field]
        assert own.count("always") <= 1
        assert len(own) == 1 or "always" not in own
