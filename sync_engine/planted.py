"""Planted bugs: switches that break one law each, to prove that the simulation finds them.

Off always, except inside `planting`. Each entry says what goes wrong when it is on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

BUGS: dict[str, str] = {
    "push_without_read": "overwrites the provider's record without looking at it first",
    "local_wins_silently": "a contested field is pushed instead of becoming a conflict",
    "external_wins_silently": "a contested field is pulled instead of becoming a conflict",
    "base_before_confirmation": "the base moves when a write is sent, not when it is confirmed",
    "forget_sent": "does not know its own write again when nobody confirmed it",
    "repeat_unknown_create": "a create with an unknown outcome is repeated without looking",
    "no_intent": "creates outward without a write-ahead row",
    "drop_unknown": "treats an unknown outcome as done and forgets the change",
    "exclusive_cursor": "asks only for stamps greater than the greatest seen, without overlap",
    "cursor_past_lag": "moves the cursor to our own clock instead of the provider's stamps",
    "cursor_before_page": "commits the cursor before the page it covers",
    "believe_first_absence": "deletes here on the first sign that a record is gone there",
    "apply_unplanned": "carries out writes that the plan did not show",
    "delete_over_edit": "a delete beats an edit of the other side without asking",
    "no_delete_guard": "carries out any number of deletes without asking",
    "forget_generation": "removes a pending change although the record changed again during the push",
    "lease_ignored": "goes on although another worker is at it",
    "whole_record_push": "pushes every mapped field, not only the changed ones",
    "lossy_overwrite": "compares local values with the translated external ones instead of with the base",
    "lose_hold": "moves the base of a field whose lookup is not resolved",
    "outbox_dropped": "marks local changes as distributed without queueing them",
    "conflict_forgotten": "moves the base of a field that waits for review",
    "match_ambiguous": "links an ambiguous match to the first candidate",
}

_active: set[str] = set()


def planted(name: str) -> bool:
    """Is this bug switched on? `name` is a key of `BUGS`, or of an app's own list."""
    return bool(_active) and name in _active


@contextmanager
def planting(name: str, known: Mapping[str, str] = BUGS) -> Iterator[None]:
    """Switches one bug on; apps above know bugs of their own."""
    if name not in known:
        raise KeyError(f"No planted bug {name!r}; there are {', '.join(sorted(known))}.")
    _active.add(name)
    try:
        yield
    finally:
        _active.discard(name)
