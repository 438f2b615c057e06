"""Planted bugs are hunted: each is switched on in worlds that give it a chance, until a law breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sync_engine.simulation.profile import Profile
from sync_engine.simulation.report import Hunt
from sync_engine.simulation.simulate import play

LIMIT = 40
"""A bug that so many seeds do not show counts as not found."""


@dataclass(frozen=True)
class Incremental(Profile):
    """A world that comes to rest without a full read: the overlap of the cursor must do."""

    @property
    def needs_full(self) -> bool:
        return False


_EDITS = {"edit_here": 8.0, "edit_there": 8.0, "sync": 8.0, "wait": 4.0}
_PLAIN = Profile(steps={**_EDITS, "create_here": 3, "create_there": 3, "sync_push": 3})
_BUSY = replace(_PLAIN, steps={**_EDITS, "busy_sync": 14, "create_here": 3, "sync_push": 3}, there=2, here=1)
_DELETES = replace(
    _PLAIN,
    steps={**_EDITS, "delete_here": 5, "delete_there": 5, "restore_here": 2, "restore_there": 2, "webhooks": 4},
)
_CREATES = replace(
    _PLAIN,
    steps={"create_here": 8, "sync": 5, "wait": 2, "edit_here": 2, "crashing_sync": 4},
    faults=("lose_response",),
)
_PEOPLE = replace(_PLAIN, steps={**_EDITS, "assign": 8, "person_joins": 5})
_NEWCOMERS = replace(_PLAIN, steps={**_EDITS, "assign": 9, "person_joins": 6, "sync_tasks": 12})
_UNKNOWN = replace(_PLAIN, faults=("lose_response",))
_LATE = replace(_PLAIN, steps={**_EDITS, "busy_sync": 8, "sync_pull": 4}, page_size=2)
_CRASHES = replace(_LATE, steps={"create_there": 9, "crashing_sync": 8, "sync": 2, "wait": 9}, there=4, here=0)
_UNSEEN = replace(
    _PLAIN,
    steps={"edit_there": 6, "sync_full": 6, "sync": 2, "wait": 2},
    faults=("search_lag", "shifting_pages"),
    there=6,
    page_size=2,
)
_INCREMENTAL = Incremental(
    steps={"edit_there": 10, "sync": 8, "wait": 8}, faults=("late_commits",), there=6, here=0, page_size=2
)

WORLDS: Mapping[str, Profile] = {
    "push_without_read": _BUSY,
    "base_before_confirmation": replace(_UNKNOWN, faults=("fail_before_write",), steps={**_EDITS, "sync_push": 6}),
    "repeat_unknown_create": _CREATES,
    "no_intent": _CREATES,
    "forget_sent": replace(_UNKNOWN, faults=("lose_response",), steps={"edit_here": 9, "sync": 7, "wait": 4}, there=2),
    "drop_unknown": replace(_UNKNOWN, faults=("fail_before_write",)),
    "exclusive_cursor": _INCREMENTAL,
    "cursor_past_lag": _LATE,
    "cursor_before_page": _CRASHES,
    "believe_first_absence": _UNSEEN,
    "apply_unplanned": replace(_PLAIN, steps={**_EDITS, "plan": 8, "apply_plan": 8}),
    "delete_over_edit": _DELETES,
    "no_delete_guard": replace(_PLAIN, there=30, here=0, steps={"delete_there": 12, "sync": 1}),
    "forget_generation": replace(_PLAIN, steps={"create_here": 7, "busy_sync": 6}, there=0, here=0),
    "lease_ignored": replace(_PLAIN, steps={**_EDITS, "two_workers": 6}),
    "lossy_overwrite": _PLAIN,
    "lose_hold": _NEWCOMERS,
    "match_ambiguous": _PEOPLE,
}

FOUND: Mapping[str, int] = {
    "apply_unplanned": 4,
    "base_before_confirmation": 1,
    "believe_first_absence": 0,
    "conflict_forgotten": 1,
    "cursor_before_page": 30,
    "cursor_past_lag": 0,
    "delete_over_edit": 0,
    "drop_unknown": 1,
    "exclusive_cursor": 3,
    "external_wins_silently": 0,
    "forget_generation": 17,
    "forget_sent": 30,
    "lease_ignored": 0,
    "local_wins_silently": 0,
    "lose_hold": 0,
    "lossy_overwrite": 0,
    "match_ambiguous": 3,
    "no_delete_guard": 0,
    "no_intent": 1,
    "outbox_dropped": 1,
    "push_without_read": 1,
    "repeat_unknown_create": 1,
    "whole_record_push": 0,
}
"""bug -> the first seed that shows it, in the world made for it."""


def world_for(bug: str) -> Profile:
    """The configuration in which a bug shows soonest."""
    return WORLDS.get(bug, _PLAIN)


def hunt(bug: str, limit: int = LIMIT) -> Hunt:
    """Plays up to `limit` seeds with the bug planted."""
    for number in range(limit):
        verdict = play(number, bug=bug, profile=world_for(bug))
        if verdict.broken:
            return Hunt(bug, number + 1, verdict.law)
    return Hunt(bug, None)


def sound(bug: str, seeds: int) -> list[str]:
    """What breaks in the same worlds without the bug: must be nothing."""
    return [found for number in range(seeds) if (found := play(number, profile=world_for(bug)).broken)]
