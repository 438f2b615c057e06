"""The board's yardstick makes what it says, and leaves nothing behind. Correct rows, never times."""

from __future__ import annotations

import pytest

from records.models import Organization
from sync_engine.bench import boards


@pytest.mark.django_db(transaction=True)
def test_jobs_are_put_on_a_board_and_removed_again() -> None:
    found = boards.measure(30)
    assert min(found.plain, found.first, found.again, found.updated, found.changed) > 0
    assert not Organization.objects.exists()
