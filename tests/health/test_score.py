"""R1's score and indicators, from figures alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.health import Figures, Verdict, assess
from integrations.health.figures import Runs
from integrations.health.indicators import WEIGHTS, spelled
from tests.health.factories import NOW, ago

GOOD = Runs(total=10, handled=1000, calls=100, call_ms=20_000)
WELL = Figures(
    at=NOW,
    status="ACTIVE",
    frequency="HOURLY",
    created_at=ago(days=7),
    last_success_at=ago(minutes=5),
    day=GOOD,
    hour=GOOD,
)


def test_the_weights_are_those_of_r1() -> None:
    assert WEIGHTS == {"successRate": 0.4, "responseTime": 0.2, "errorRate": 0.3, "lastSync": 0.1}
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_all_is_well() -> None:
    health = assess(WELL)
    assert (health.status, health.score, health.sentence) == ("HEALTHY", 100.0, "")
    assert [(one.name, one.status) for one in health.indicators] == [(name, "PASS") for name in WEIGHTS]
    assert health["responseTime"].value == 200
    assert health["lastSync"].value == ago(minutes=5).isoformat()


def test_the_score_is_the_weighted_sum() -> None:
    """8 of 10 runs, 3,000 ms per answer, 10 % errors, three hours without a sync."""
    figures = replace(
        WELL,
        last_success_at=ago(hours=3),
        day=Runs(total=10, failed=2, handled=1000, calls=10, call_ms=30_000),
        hour=Runs(total=1, handled=99, refused=10),
    )
    health = assess(figures)
    assert [one.score for one in health.indicators] == [80, 50, 50, 50]
    assert health.score == 0.4 * 80 + 0.2 * 50 + 0.3 * 50 + 0.1 * 50
    assert health.status == "DEGRADED"


@pytest.mark.parametrize(
    ("name", "changes", "verdict"),
    [
        ("successRate", {"day": replace(GOOD, total=100, failed=5)}, "PASS"),
        ("successRate", {"day": replace(GOOD, total=100, failed=6)}, "WARN"),
        ("successRate", {"day": replace(GOOD, total=100, failed=10)}, "WARN"),
        ("successRate", {"day": replace(GOOD, total=100, failed=11)}, "FAIL"),
        ("responseTime", {"day": replace(GOOD, calls=1, call_ms=1000)}, "PASS"),
        ("responseTime", {"day": replace(GOOD, calls=1, call_ms=1001)}, "WARN"),
        ("responseTime", {"day": replace(GOOD, calls=1, call_ms=5001)}, "FAIL"),
        ("errorRate", {"hour": Runs(total=1, handled=99, refused=5)}, "PASS"),
        ("errorRate", {"hour": Runs(total=1, handled=99, refused=10)}, "WARN"),
        ("errorRate", {"hour": Runs(total=1, handled=99, refused=11)}, "FAIL"),
        ("lastSync", {"last_success_at": ago(hours=2)}, "PASS"),
        ("lastSync", {"last_success_at": ago(hours=2, minutes=1)}, "WARN"),
        ("lastSync", {"last_success_at": ago(hours=4, minutes=1)}, "FAIL"),
        ("lastSync", {"last_success_at": ago(hours=9), "running": True}, "PASS"),
        ("lastSync", {"last_success_at": None, "created_at": ago(hours=1)}, "PASS"),
        ("lastSync", {"last_success_at": None, "created_at": ago(hours=9)}, "FAIL"),
        ("lastSync", {"last_success_at": ago(hours=9), "frequency": "DAILY"}, "PASS"),
    ],
)
def test_each_threshold(name: str, changes: dict[str, Any], verdict: str) -> None:
    found = assess(replace(WELL, **changes))[name]
    assert found.status == verdict
    assert found.sentence


def test_a_provider_that_is_down_is_unhealthy() -> None:
    """No record is read, so there is no share of failed ones: the runs themselves are the errors."""
    down = Runs(total=3, failed=3)
    health = assess(replace(WELL, day=down, hour=down, last_success_at=ago(days=1)))
    assert (health.status, health.score) == ("UNHEALTHY", 0)
    assert health["responseTime"].score is None
    assert "3 of 3 syncs failed" in health.sentence


@pytest.mark.parametrize(
    ("runs", "rate"),
    [
        (Runs(total=10, failed=9, handled=100), 90),
        (Runs(total=10, failed=1, handled=9000), 10),
        (Runs(total=12, failed=3), 25),
        (Runs(total=1, handled=3, refused=2), 50),
        (Runs(total=4, handled=0, refused=4), 50),
        (Runs(total=1, failed=1), 100),
        (Runs(), None),
    ],
)
def test_a_run_that_broke_off_weighs_as_much_as_a_good_one(runs: Runs, rate: float | None) -> None:
    assert runs.error_rate == (None if rate is None else pytest.approx(rate))


def test_one_failing_indicator_is_not_outweighed() -> None:
    health = assess(replace(WELL, last_success_at=ago(days=1)))
    assert (health.score, health.status) == (90.0, "DEGRADED")
    assert "No sync has succeeded for 24 hours" in health.sentence


@pytest.mark.parametrize(
    ("status", "health"), [("ERROR", "UNHEALTHY"), ("DEGRADED", "DEGRADED"), ("PAUSED", "HEALTHY")]
)
def test_the_engines_own_verdict_counts(status: str, health: str) -> None:
    assert assess(replace(WELL, status=status)).status == health


def test_what_is_paused_or_synced_by_hand_is_not_late() -> None:
    for changes in ({"status": "PAUSED"}, {"frequency": "MANUAL"}):
        health = assess(replace(WELL, last_success_at=ago(days=99), **changes))
        assert (health["lastSync"].score, health.score) == (None, 100)


def test_nothing_is_held_against_a_new_integration() -> None:
    fresh = replace(WELL, day=Runs(), hour=Runs(), last_success_at=None, frequency="MANUAL")
    health = assess(fresh)
    assert (health.status, health.score) == ("HEALTHY", 100)
    assert [one.value for one in health.indicators] == [None] * 4


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (119, "119 minutes"), (120, "2 hours"), (2879, "47 hours"), (2880, "2 days")],
)
def test_spans_are_spelled(minutes: int, words: str) -> None:
    assert spelled(minutes) == words


counts = st.integers(0, 10**6)
runs = st.builds(Runs, counts, counts, counts, counts, counts, counts).filter(lambda one: one.failed <= one.total)


@given(day=runs, hour=runs, late=st.timedeltas(timedelta(0), timedelta(days=400)), status=st.sampled_from(Verdict))
def test_any_figures_give_a_score_and_come_back_from_json(day: Runs, hour: Runs, late: timedelta, status: str) -> None:
    figures = replace(WELL, day=day, hour=hour, last_success_at=NOW - late)
    health = assess(figures)
    assert 0 <= health.score <= 100
    assert all(one.score is None or 0 <= one.score <= 100 for one in health.indicators)
    assert Figures.restored(figures.stored()) == figures


@given(failed=st.integers(0, 99))
def test_more_failures_never_raise_the_score(failed: int) -> None:
    def score(number: int) -> float:
        day = Runs(total=100, failed=number, handled=100, calls=1, call_ms=1)
        return assess(replace(WELL, day=day, hour=day)).score

    assert score(failed + 1) <= score(failed)
