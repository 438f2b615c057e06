"""All twins behind one server for the whole session, each in its first state for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base.sandbox.server import Server, serve, twin_of

from .bench import CONTRACTS, Bench
from .clock import EagerClock
from .spec import watch


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[Server, EagerClock]]:
    clock = EagerClock()
    with serve(0, [twin_of(key, clock=clock) for key in CONTRACTS]) as server:
        yield server, clock


@pytest.fixture
def bench(request: pytest.FixtureRequest, running: tuple[Server, EagerClock]) -> Iterator[Bench]:
    """Every exchange is held against the provider's specification, where there is one."""
    server, clock = running
    twin = server.twins[request.param]
    twin.reset()
    seen = watch(twin)
    yield Bench(request.param, CONTRACTS[request.param], twin, server, clock)
    assert seen is None or seen.problems == []
