"""Servers of the tests' own: nothing of the machine's is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.services.postgres import Postgres
from config.services.valkey import Valkey
from connectors.base.sandbox.server import Server, serve
from connectors.generic_rest.sandbox import GenericRestTwin


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="session")
def valkey(var: Path) -> Iterator[Valkey]:
    server = Valkey(var / "services")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres(var: Path) -> Iterator[Postgres]:
    server = Postgres(var / "services")
    (var / "services").mkdir(parents=True, exist_ok=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def rest() -> GenericRestTwin:
    return GenericRestTwin()


@pytest.fixture
def twins(rest: GenericRestTwin, settings: Any) -> Iterator[Server]:
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    with serve(0, [rest]) as running:
        yield running
