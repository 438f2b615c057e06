"""The simulation finds every planted bug; in the same worlds without it the laws hold."""

from __future__ import annotations

import pytest

from sync_engine.planted import BUGS, planted, planting
from sync_engine.simulation.hunt import hunt, sound


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_planted_bug_is_found(worlds: None, bug: str) -> None:
    found = hunt(bug)
    assert found.seeds is not None
    assert sound(bug, 2) == []


def test_about_twenty_bugs_are_planted() -> None:
    assert len(BUGS) >= 20


def test_a_bug_is_off_outside_of_planting() -> None:
    with planting("no_intent"):
        assert planted("no_intent")
    assert not planted("no_intent")
