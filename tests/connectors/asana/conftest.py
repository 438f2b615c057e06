"""The connector on a twin of its own, every exchange held against Asana's OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.server import Server, serve

from ..clock import EagerClock
from ..spec import watch
from .connect import connect


@pytest.fixture
def twin() -> Iterator[AsanaTwin]:
    made = AsanaTwin(clock=EagerClock())
    seen = watch(made)
    yield made
    assert seen is None or seen.problems == []


@pytest.fixture
def server(twin: AsanaTwin) -> Iterator[Server]:
    with serve(0, [twin]) as running:
        yield running


@pytest.fixture
def asana(server: Server) -> AsanaConnector:
    return connect(server)


@pytest.fixture
def oauth(server: Server) -> AsanaConnector:
    return connect(server, auth_type="OAUTH2")
