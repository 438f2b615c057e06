"""Seeds in, verdicts out: one world per seed, its steps, its rest, its laws."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from hashlib import blake2b

from sync_engine.planted import BUGS, planting
from sync_engine.simulation import laws, steps
from sync_engine.simulation.chance import Dice
from sync_engine.simulation.profile import Profile, drawn
from sync_engine.simulation.world import Broken, World

STEPS = 25
SEEDS = 200
"""So many worlds are played before a change goes in: by the tests, and by `manage.py simulate` unless told."""


@dataclass(slots=True)
class Verdict:
    """What came of one seed. `broken` is the law that did not hold, in a sentence; empty if all did."""

    seed: int
    broken: str = ""
    law: str = ""
    rounds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Equal for equal courses."""
        return blake2b("\n".join(self.trace).encode(), digest_size=8).hexdigest()


def play(seed: int, *, count: int = STEPS, bug: str = "", profile: Profile | None = None) -> Verdict:
    """Plays one seed to its end. A law that breaks is told in the verdict, not raised."""
    world = World(seed, profile or drawn(Dice(seed * 7 + 3)))

    def course(verdict: Verdict) -> None:
        for _ in range(count):
            steps.take(world)
        verdict.rounds = laws.settle(world)
        laws.check(world)

    return judged(world, course, bug=bug)


def judged(
    world: World, course: Callable[[Verdict], None], *, bug: str = "", known: Mapping[str, str] = BUGS
) -> Verdict:
    """What comes of a course through a world, perhaps with one of the `known` bugs planted."""
    verdict = Verdict(world.seed)
    with planting(bug, known) if bug else nullcontext():
        try:
            with world:
                course(verdict)
        except Broken as broken:
            verdict.broken, verdict.law = str(broken), broken.law
        except Exception as error:  # a planted or real bug that stops the engine: as good as a broken law
            place = traceback.extract_tb(error.__traceback__)[-1]
            verdict.broken = f"the engine stopped: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
            verdict.law = "engine stopped"
    verdict.counts, verdict.trace = world.counts, world.trace
    for desk in world.desks:
        verdict.faults.update(desk.twin.faults.fired)
    return verdict
