"""Swarm: every seed of the hub draws its own rules, faults and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from automations.simulation.rules import DOCUMENTS
from sync_engine.simulation.chance import Dice
from sync_engine.simulation.profile import FAULTS, STRATEGIES, Profile

STEPS: Mapping[str, float] = {
    "edit_job": 8,
    "edit_item": 7,
    "edit_task": 7,
    "create_job": 3,
    "create_item": 1.5,
    "create_task": 1.5,
    "delete_job": 0.6,
    "delete_item": 0.6,
    "delete_task": 0.6,
    "restore_job": 0.5,
    "sync": 5,
    "sync_full": 1,
    "push": 6,
    "hear": 5,
    "read_rules": 6,
    "act": 6,
    "busy": 5,
    "crashing": 5,
    "webhooks": 3,
    "wait": 5,
    "decide": 2,
    "switch": 0.7,
    "reap": 1,
}
ALWAYS = ("edit_job", "edit_item", "edit_task", "create_job", "sync", "push", "hear", "read_rules", "act", "wait")


@dataclass(frozen=True)
class HubProfile(Profile):
    """`rules` = those besides the shipped ones; `items_become_jobs` = an item without a job becomes one."""

    steps: Mapping[str, float] = field(default_factory=lambda: dict(STEPS))
    rules: tuple[str, ...] = ()
    items_become_jobs: bool = False


def drawn(dice: Dice) -> HubProfile:
    """A profile at random."""
    names = (*ALWAYS, *dice.subset([name for name in STEPS if name not in ALWAYS], 0.6))
    return HubProfile(
        strategy=dice.weighted([("MANUAL_REVIEW", 5), *((name, 1) for name in STRATEGIES[1:])]),
        on_external_delete="ARCHIVE",
        on_local_delete=dice.choice(("ARCHIVE", "PROPAGATE")),
        there=dice.below(3),
        here=1 + dice.below(3),
        page_size=dice.choice((2, 3, 100)),
        faults=dice.subset(tuple(FAULTS), 0.2) if dice.chance(0.7) else (),
        steps={name: STEPS[name] for name in names},
        rules=dice.subset(tuple(DOCUMENTS), 0.5),
        items_become_jobs=dice.chance(0.3),
    )
