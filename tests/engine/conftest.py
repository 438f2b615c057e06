"""Fixtures of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

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
def whole_runs(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs inside the test's own transaction, which is much faster than emptying the tables afterwards: what
    waits for a commit is told at once."""
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    monkeypatch.setattr(transaction, "on_commit", lambda told, *_, **__: told())


@pytest.fixture
def scene(whole_runs: None, twin: AsanaTwin, server: Server) -> Scene:
    return Scene(twin, server)
