"""The simulation finds the planted bugs; in the same worlds without them the laws hold."""

from __future__ import annotations

import pytest

from sync_engine.planted import BUGS, planted, planting
from sync_engine.simulation.hunt import FOUND, world_for
from sync_engine.simulation.simulate import play


@pytest.mark.parametrize(("bug", "seed"), sorted(FOUND.items()))
def test_a_planted_bug_breaks_a_law(worlds: None, bug: str, seed: int) -> None:
    assert play(seed, bug=bug, profile=world_for(bug)).broken


@pytest.mark.parametrize(("bug", "seed"), sorted(FOUND.items()))
def test_the_same_world_without_the_bug_keeps_the_laws(worlds: None, bug: str, seed: int) -> None:
    assert play(seed, profile=world_for(bug)).broken == ""


def test_every_bug_is_found() -> None:
    assert set(FOUND) == set(BUGS)


def test_a_bug_is_off_outside_of_planting() -> None:
    with planting("no_intent"):
        assert planted("no_intent")
    assert not planted("no_intent")
