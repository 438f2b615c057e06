"""Seeds in, verdicts out: one hub per seed, its steps, its rest, its laws."""

from __future__ import annotations

from automations.planted import BUGS
from automations.simulation import laws, steps
from automations.simulation.profile import HubProfile, drawn
from automations.simulation.world import HubWorld
from sync_engine.simulation.chance import Dice
from sync_engine.simulation.simulate import Verdict, judged

STEPS = 25
SEEDS = 60
"""So many hubs are played before a change goes in."""


def play(seed: int, *, count: int = STEPS, bug: str = "", profile: HubProfile | None = None) -> Verdict:
    """Plays one seed to its end. A law that breaks is told in the verdict, not raised."""
    world = HubWorld(seed, profile or drawn(Dice(seed * 7 + 5)))

    def course(verdict: Verdict) -> None:
        for _ in range(count):
            steps.take(world)
        verdict.rounds = laws.settle(world)
        laws.check(world)

    return judged(world, course, bug=bug, known=BUGS)
