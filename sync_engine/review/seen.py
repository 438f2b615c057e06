"""Why a decision is not carried out: decided before, moved since it was looked at, or not possible.

What a person saw is named by a token (`standing.token_of`); a decision on any other state is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conflicts.models import ConflictResolution
from sync_engine.review.standing import token_of


class ConflictMoved(Exception):
    """A side has changed since the case was last looked at; `conflict` holds the new state."""

    def __init__(self, conflict: ConflictResolution) -> None:
        super().__init__("One side has changed since you looked. Look at the new values and decide again.")
        self.conflict = conflict


class AlreadyDecided(Exception):
    """The case is not open any more."""

    def __init__(self) -> None:
        super().__init__("This conflict was already decided. Open its history to see how.")


class CannotDecide(ValueError):
    """This choice cannot be carried out; the sentence says what to do instead."""


class UndecidedCandidate(CannotDecide):
    """Several records may be the one: the decision must name it as `externalId`."""

    def __init__(self, candidates: Sequence[str]) -> None:
        known = ", ".join(candidates) or "none was found"
        super().__init__(f"Name the record at the provider as 'externalId' (candidates: {known}).")


def expect_seen(
    conflict: ConflictResolution, local: Mapping[str, Any], external: Mapping[str, Any], seen: str | None, same: bool
) -> None:
    """From here on the case holds what stands, so that the loser is kept as it was. `same` says whether that is
    what the case held, and counts where the person gave no token. Raises `ConflictMoved`."""
    if seen is not None:
        same = seen == token_of(conflict, local, external)
    conflict.local_data, conflict.external_data = dict(local), dict(external)
    if not same:
        raise ConflictMoved(conflict)
