"""A small server, and processes that use the database of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync_engine.bench.measure import Server, serving
from sync_engine.bench.yardsticks import environment
from tests.subprocesses import database_url

COUNT = 300


@pytest.fixture
def server(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("DATABASE_URL", database_url())
    with serving(COUNT) as running:
        for name, value in environment(running).items():
            monkeypatch.setenv(name, value)
        yield running
