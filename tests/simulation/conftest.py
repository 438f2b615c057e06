"""The simulation's worlds in the tests: one migrated database, emptied by each world itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync_engine.simulation import database, own_database


@pytest.fixture
def worlds(transactional_db: None, settings: Any) -> Iterator[None]:
    """Whoever uses it may open worlds, one after the other."""
    settings.PUSH_IN_REAL_TIME = False
    own_database.fast()
    yield
    database.wipe()
