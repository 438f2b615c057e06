"""A small server, and processes that use the database of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from sync_engine.bench.measure import Server, serving
from sync_engine.bench.yardsticks import environment

COUNT = 300


@pytest.fixture
def server(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    known = connection.settings_dict
    address = f"{known['HOST'] or '127.0.0.1'}:{known['PORT'] or 5432}"
    monkeypatch.setenv("DATABASE_URL", f"postgres://{known['USER']}:{known['PASSWORD']}@{address}/{known['NAME']}")
    with serving(COUNT) as running:
        for name, value in environment(running).items():
            monkeypatch.setenv(name, value)
        yield running
