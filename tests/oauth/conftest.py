"""Sign-ins in a database that really commits: a refresh has a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.server import Server, serve
from sync_engine import tasks
from sync_engine.ports import bound
from tests.connectors.clock import EagerClock
from tests.oauth.scene import SignIns


@pytest.fixture
def clock() -> Iterator[EagerClock]:
    made = EagerClock()
    with bound(clock=made):
        yield made


@pytest.fixture
def twin(clock: EagerClock) -> AsanaTwin:
    return AsanaTwin(clock=clock, settings={"oauth": {"rotate": True}})


@pytest.fixture
def server(twin: AsanaTwin) -> Iterator[Server]:
    with serve(0, [twin]) as running:
        yield running


@pytest.fixture
def scene(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, twin: AsanaTwin, server: Server,
    clock: EagerClock,
) -> SignIns:  # fmt: skip
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    monkeypatch.setattr(tasks.sync, "apply_async", lambda *_, **__: None)
    return SignIns(twin, server, clock)
