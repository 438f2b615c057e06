"""Bugs of rules that can be planted, to prove that the simulation of the hub finds them (see `sync_engine.planted`)."""

from __future__ import annotations

from collections.abc import Mapping

BUGS: Mapping[str, str] = {
    "own_effect": "a rule acts on what it has brought about itself",
    "chain_forgotten": "a change that a sync carried over counts as nobody's effect",
    "outcome_forgotten": "what the actions did is not noted, so they are done again when the lease is over",
}
