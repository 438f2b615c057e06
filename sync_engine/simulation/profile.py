"""Swarm: every seed draws its own configuration and its own subset of steps and faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_engine.simulation.chance import Dice
from sync_engine.simulation.sites import PAGINGS, Api

STRATEGIES = ("MANUAL_REVIEW", "LATEST_WINS", "EXTERNAL_WINS", "LOCAL_WINS", "CUSTOM_MERGE")
MERGES = ("prefer_external", "prefer_local", "concatenate", "max", "min", "latest", "review")
POLICIES = ("ARCHIVE", "PROPAGATE", "RESTORE", "ASK", "UNLINK")

_REWRITES = {"name": "upper", "title": "upper", "notes": "suffix:.", "description": "suffix:."}
# kind -> probability that it strikes, and its params
FAULTS: dict[str, tuple[float, Mapping[str, Any]]] = {
    "refused": (0.1, {}),
    "fail_before_write": (0.25, {}),
    "lose_response": (0.25, {}),
    "rate_limited": (0.08, {"retry_after": 30}),
    "server_error": (0.1, {"status": 503}),
    "truncated": (0.08, {}),
    "html": (0.06, {}),
    "ok_with_error_body": (0.06, {}),
    "shifting_pages": (0.4, {"by": 1}),
    "rounded_stamps": (0.8, {"seconds": 1}),
    "late_commits": (0.5, {"seconds": 20}),
    "search_lag": (0.5, {"seconds": 10}),
    "rewrite_values": (0.6, {"fields": _REWRITES}),
    "hard_delete": (0.7, {}),
}
# What an incremental listing cannot show; the regular full read finds it.
NEEDS_FULL = frozenset({"shifting_pages", "late_commits", "search_lag", "hard_delete", "rounded_stamps"})

# step -> weight; people at their desks, the engine, the world
STEPS: dict[str, float] = {
    "edit_here": 9,
    "edit_there": 9,
    "create_here": 3,
    "create_there": 3,
    "delete_here": 1.5,
    "delete_there": 1.5,
    "restore_here": 0.8,
    "restore_there": 0.8,
    "comment_there": 1,
    "assign": 1.5,
    "person_joins": 1,
    "sync": 9,
    "sync_full": 2,
    "sync_tasks": 1,
    "sync_pull": 2,
    "sync_push": 3,
    "busy_sync": 4,
    "crashing_sync": 4,
    "drain": 2,
    "wait": 6,
    "webhooks": 3,
    "decide": 3,
    "plan": 2,
    "apply_plan": 2,
    "roll_back": 0.7,
    "change_policy": 0.7,
    "change_mapping": 0.5,
    "reap": 1.5,
    "two_workers": 0.7,
}
ALWAYS = ("edit_here", "edit_there", "sync", "wait")


@dataclass(frozen=True)
class Profile:
    """The configuration of one seed. `there` and `here` = records that exist before the first sync;
    `apis` = which desks are a plain API, None and what is left out being Asana."""

    strategy: str = "MANUAL_REVIEW"
    merge_rules: Mapping[str, Any] = field(default_factory=dict)
    on_external_delete: str = "ARCHIVE"
    on_local_delete: str = "ARCHIVE"
    desks: int = 1
    apis: tuple[Api | None, ...] = ()
    there: int = 3
    here: int = 2
    page_size: int = 100
    faults: tuple[str, ...] = ()
    steps: Mapping[str, float] = field(default_factory=lambda: dict(STEPS))
    unique: float = 0.6
    """Share of values that nobody else writes; the rest come from a small alphabet, so that people agree."""

    @property
    def needs_full(self) -> bool:
        absent = any(api is not None and not api.tombstones for api in self.apis)
        return absent or bool(NEEDS_FULL & set(self.faults))

    def api_of(self, desk: int) -> Api | None:
        return self.apis[desk] if desk < len(self.apis) else None


def drawn(dice: Dice) -> Profile:
    """A profile at random."""
    optional = [name for name in STEPS if name not in ALWAYS]
    names = (*ALWAYS, *dice.subset(optional, 0.6))
    fields = ("title", "description", "status", "dueDate")
    desks = 2 if dice.chance(0.25) else 1
    return Profile(
        strategy=dice.weighted([("MANUAL_REVIEW", 4), *((name, 1) for name in STRATEGIES[1:])]),
        merge_rules={name: dice.choice(MERGES) for name in fields},
        on_external_delete=dice.weighted([("ARCHIVE", 5), *((name, 1) for name in POLICIES[1:])]),
        on_local_delete=dice.weighted([("ARCHIVE", 5), *((name, 1) for name in POLICIES[1:])]),
        desks=desks,
        apis=tuple(_api(dice) if dice.chance(0.3) else None for _ in range(desks)),
        there=1 + dice.below(4),
        here=dice.below(4),
        page_size=dice.choice((2, 3, 100)),
        faults=dice.subset(tuple(FAULTS), 0.2) if dice.chance(0.7) else (),
        steps={name: STEPS[name] for name in names},
        unique=dice.choice((0.3, 0.6, 0.9)),
    )


def _api(dice: Dice) -> Api:
    return Api(dice.choice(PAGINGS), dice.chance(0.6), dice.chance(0.3), dice.chance(0.5))
