"""Integrations that hear: Asana's twin, and a plain REST API in R1's form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.server import Server, serve
from connectors.generic_rest.sandbox import GenericRestTwin
from tests.webhooks.scene import Hooked


@pytest.fixture
def rest() -> GenericRestTwin:
    return GenericRestTwin()


@pytest.fixture
def asana() -> AsanaTwin:
    return AsanaTwin()


@pytest.fixture
def servers(rest: GenericRestTwin, asana: AsanaTwin) -> Iterator[Server]:
    with serve(0, [rest, asana]) as running:
        yield running


@pytest.fixture
def hooked(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, rest: GenericRestTwin, servers: Server) -> Hooked:
    """In the test's own transaction; nobody is told of news, so a test hears when it wants to."""
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    settings.ROOT_URLCONF = "tests.webhooks.urls"
    monkeypatch.setattr(transaction, "on_commit", lambda told, *_, **__: told())
    return Hooked(rest, servers)
