"""What every connector makes of a provider in trouble."""

from __future__ import annotations

import pytest

from connectors.base.capabilities import Pulls, Pushes
from connectors.base.errors import (
    ConfigError,
    ConnectorError,
    RateLimited,
    Transient,
)

from .bench import Bench, those


@those(Pulls)
@pytest.mark.parametrize("wait", [7, None])
def test_the_limit_says_when_to_come_back_if_the_provider_does(bench: Bench, wait: int | None) -> None:
    bench.fault("rate_limited", retry_after=wait)
    with pytest.raises(RateLimited) as read:
        bench.ids(bench.connect())
    assert read.value.retry_after == wait


@those(Pushes)
def test_a_limited_write_was_not_made(bench: Bench) -> None:
    bench.fault("rate_limited", times=1, retry_after=7)
    with pytest.raises(RateLimited):
        bench.made(bench.connect())
    assert list(bench.twin.store.all(bench.contract.collection)) == []


@those(Pulls)
@pytest.mark.parametrize("kind", ["server_error", "truncated", "refused"])
def test_a_read_that_fails_may_be_repeated(bench: Bench, kind: str) -> None:
    wanted = bench.seed(2)
    bench.fault(kind)
    with pytest.raises(Transient):
        bench.ids(bench.connect())
    bench.twin.faults.clear()
    bench.fault(kind, times=2)
    assert sorted(bench.ids(bench.connect())) == sorted(wanted)


@those(Pulls)
def test_a_web_page_is_not_taken_for_data(bench: Bench) -> None:
    bench.seed(1)
    bench.fault("html")
    with pytest.raises(ConfigError, match="base URL"):
        bench.ids(bench.connect())


@those(Pulls)
def test_a_hidden_error_is_never_an_empty_listing(bench: Bench) -> None:
    bench.seed(1)
    bench.fault("ok_with_error_body")
    with pytest.raises(ConnectorError):
        bench.ids(bench.connect())
    with pytest.raises(ConnectorError):
        bench.connect().fetch(bench.resource(bench.connect()), "1")


@those(Pulls)
def test_a_page_that_repeats_ends_the_reading(bench: Bench) -> None:
    bench.seed(6)
    bench.fault("shifting_pages", by=-2)
    with pytest.raises(ConfigError, match="never end"):
        bench.ids(bench.connect(page_size=2), page_size=2)
