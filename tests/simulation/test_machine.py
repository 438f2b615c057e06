"""The same world under Hypothesis: it chooses the steps and shrinks what breaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from sync_engine.simulation import laws, steps
from sync_engine.simulation.chance import Dice
from sync_engine.simulation.profile import STEPS, drawn
from sync_engine.simulation.world import World

PEOPLE = ("edit_here", "edit_there", "create_here", "create_there", "delete_here", "delete_there", "restore_here")
ENGINE = ("sync", "sync_pull", "sync_push", "busy_sync", "crashing_sync", "drain", "webhooks", "reap")
REST = tuple(name for name in STEPS if name not in (*PEOPLE, *ENGINE))


class Machine(RuleBasedStateMachine):
    """Rules are the simulation's steps; the laws are checked at the end of each example."""

    world: World | None = None

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self.world = World(seed, drawn(Dice(seed)))
        self.world.__enter__()

    @rule(name=st.sampled_from(PEOPLE))
    def somebody_acts(self, name: str) -> None:
        self._perform(name)

    @rule(name=st.sampled_from(ENGINE))
    def the_engine_works(self, name: str) -> None:
        self._perform(name)

    @rule(name=st.sampled_from(REST))
    def something_happens(self, name: str) -> None:
        self._perform(name)

    def _perform(self, name: str) -> None:
        assert self.world is not None
        steps.perform(self.world, name)

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            laws.settle(self.world)
            laws.check(self.world)
        finally:
            self.world.__exit__()
            self.world = None


@pytest.mark.usefixtures("worlds")
def test_the_laws_hold_whatever_happens(worlds: Any) -> None:
    few = settings(max_examples=12, stateful_step_count=12, deadline=None, derandomize=True, database=None)
    run_state_machine_as_test(Machine, settings=few)
