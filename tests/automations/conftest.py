from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync_engine.ports import bound
from tests.automations.receiver import Receiver, receiving
from tests.automations.scene import Scene, SetClock


@pytest.fixture
def scene(db: Any, settings: Any) -> Scene:
    settings.PUSH_IN_REAL_TIME = False
    return Scene()


@pytest.fixture
def clock() -> Iterator[SetClock]:
    found = SetClock()
    with bound(clock=found):
        yield found


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.ALLOW_PRIVATE_HOSTS = True
    with receiving() as running:
        yield running
