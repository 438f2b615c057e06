"""R1's five strategies and its merge rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conflicts.strategies import Contest, decide

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def contest(local: Any = "ours", external: Any = "theirs", *, gap: float | None = 60) -> Contest:
    """`gap` seconds from our edit to theirs."""
    external_at = None if gap is None else NOON + timedelta(seconds=gap)
    return Contest("title", "base", local, external, NOON, external_at)


@pytest.mark.parametrize(
    ("strategy", "gap", "winner"),
    [
        ("LATEST_WINS", 60, "EXTERNAL"),
        ("LATEST_WINS", -60, "LOCAL"),
        ("LATEST_WINS", 2, None),
        ("LATEST_WINS", -2, None),
        ("LATEST_WINS", 2.001, "EXTERNAL"),
        ("LATEST_WINS", None, None),
        ("EXTERNAL_WINS", -60, "EXTERNAL"),
        ("LOCAL_WINS", 60, "LOCAL"),
        ("MANUAL_REVIEW", 60, None),
        ("CUSTOM_MERGE", 60, "EXTERNAL"),
    ],
)
def test_strategy(strategy: str, gap: float | None, winner: str | None) -> None:
    assert decide(contest(gap=gap), strategy, {}).winner == winner


@pytest.mark.parametrize(
    ("rule", "local", "external", "value"),
    [
        ("prefer_external", "ours", "theirs", "theirs"),
        ("prefer_local", "ours", "theirs", "ours"),
        ("concatenate", "ours", "theirs", "ours | theirs"),
        ("concatenate", "same", "same", "same"),
        ("max", "9", "10", "10"),
        ("min", "9", "10", "9"),
        ("max", 3, 2, 3),
        ("max", "2026-01-31", "2026-02-01", "2026-02-01"),
        ("union", ["a", "b"], ["b", "c"], ["a", "b", "c"]),
        ("latest", "ours", "theirs", "theirs"),
        ({"strategy": "min"}, 3, 2, 2),
    ],
)
def test_merge_rule(rule: Any, local: Any, external: Any, value: Any) -> None:
    assert decide(contest(local, external), "CUSTOM_MERGE", {"title": rule}).value == value


@pytest.mark.parametrize(
    ("rule", "local", "external"), [("max", "a", None), ("union", "a", ["b"]), ("unheard of", "a", "b")]
)
def test_what_a_rule_cannot_decide_goes_to_a_person(rule: str, local: Any, external: Any) -> None:
    assert decide(contest(local, external), "CUSTOM_MERGE", {"title": rule}).winner is None
