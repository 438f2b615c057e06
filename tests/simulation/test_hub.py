"""Random hubs: people at jobs, items and Asana's tasks, with rules switched on; then every law. And planted bugs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automations.planted import BUGS
from automations.simulation.profile import STEPS, HubProfile
from automations.simulation.simulate import SEEDS, play

CHUNK = 20
PLAIN = HubProfile(steps=STEPS, here=3)
CRASHES = replace(PLAIN, steps={"edit_job": 9, "read_rules": 6, "act": 2, "crashing": 9})
WORLDS = {
    "own_effect": (0, replace(PLAIN, rules=("itself",))),
    "chain_forgotten": (2, replace(PLAIN, rules=("title again", "name again"))),
    "outcome_forgotten": (0, replace(CRASHES, rules=("call about it",))),
}
"""bug -> a seed that shows it, in the world made for it."""


def test_the_same_seed_gives_the_same_course(worlds: None) -> None:
    assert play(4).trace == play(4).trace


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_the_laws_hold(worlds: None, first: int) -> None:
    for seed in range(first, min(first + CHUNK, SEEDS)):
        verdict = play(seed)
        assert not verdict.broken, "\n".join([*verdict.trace[-60:], f"seed {seed}: {verdict.broken}"])


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_planted_bug_breaks_a_law_and_without_it_the_laws_hold(worlds: None, bug: str) -> None:
    seed, profile = WORLDS[bug]
    assert play(seed, bug=bug, profile=profile).broken
    assert play(seed, profile=profile).broken == ""
