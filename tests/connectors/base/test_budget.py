from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.base.budget import LocalBudget
from connectors.base.errors import RateLimited
from connectors.base.limits import Limit

from .fakes import FakeClock


def test_no_window_ever_holds_more_than_the_limit():
    clock = FakeClock()
    budget = LocalBudget([Limit(10, per_seconds=5)], clock, reserve=0)
    times = []
    for _ in range(60):
        budget.take()
        times.append(clock.monotonic())
    assert all(later - earlier >= 5 for earlier, later in zip(times, times[10:], strict=False))
    assert times[-1] <= 27


def test_the_reserve_is_for_priority():
    clock = FakeClock()
    budget = LocalBudget([Limit(10, per_seconds=5)], clock, reserve=0.2)
    for _ in range(8):
        budget.take()
    budget.take(priority=True)
    assert clock.monotonic() == 0
    budget.take()
    assert clock.monotonic() > 0


def test_a_long_wait_raises_instead():
    budget = LocalBudget([Limit(1, per_seconds=86_400)], FakeClock(), reserve=0)
    budget.take()
    with pytest.raises(RateLimited) as caught:
        budget.take()
    assert caught.value.retry_after >= 86_400


def test_it_believes_the_provider():
    clock = FakeClock()
    budget = LocalBudget([Limit(10, per_seconds=5)], clock, reserve=0)
    budget.heard(retry_after=3)
    budget.take()
    assert clock.monotonic() == 3
    budget.heard(remaining=0)
    budget.take()
    assert clock.monotonic() >= 8


def test_threads_never_take_more_than_there_is():
    budget = LocalBudget([Limit(50, per_seconds=1000)], FakeClock(), reserve=0)

    def take(_):
        try:
            budget.take()
        except RateLimited:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(200))) == 50
