"""Fixtures of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.server import Server, serve
from tests.engine.scene import Scene


@pytest.fixture
def twin() -> AsanaTwin:
    return AsanaTwin()


@pytest.fixture
def server(twin: AsanaTwin) -> Iterator[Server]:
    with serve(0, [twin]) as running:
        yield running


@pytest.fixture
def scene(transactional_db: None, settings: Any, twin: AsanaTwin, server: Server) -> Scene:
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    return Scene(twin, server)
