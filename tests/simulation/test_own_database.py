"""Two simulations do not empty each other's worlds."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from sync_engine.simulation import own_database


@pytest.mark.django_db
def test_a_second_simulation_is_told_to_wait() -> None:
    first = own_database.reserve()
    with pytest.raises(CommandError, match="set DATABASE_URL to another"):
        own_database.reserve()
    first.close()
    own_database.reserve().close()
