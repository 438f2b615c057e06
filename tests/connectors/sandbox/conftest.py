from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base.sandbox.server import serve
from connectors.base.sandbox.transport import InProcessTransport
from connectors.base.transport import shared
from connectors.generic_rest.sandbox import GenericRestTwin

from ..clock import EagerClock
from .net import Net


@pytest.fixture(params=["in process", "over HTTP"])
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    clock = EagerClock()
    twin = GenericRestTwin(clock=clock)
    if request.param == "in process":
        yield Net(twin, clock, InProcessTransport(twin), "https://twin.example/generic_rest", False)
        return
    with serve(0, [twin]) as server:
        yield Net(twin, clock, shared(True), server.url_of("generic_rest"), True)
