"""The states of a job that every organization begins with (R2, step 2), in their order."""

from __future__ import annotations

from typing import NamedTuple


class Seed(NamedTuple):
    """A state as it is first filed."""

    name: str
    color: str
    is_closed: bool = False


FIRST = "Requires Crew Lead"
SEEDS = (
    Seed(FIRST, "red"),
    Seed("Plans In Progress", "orange"),
    Seed("Pending Review", "yellow"),
    Seed("Requires Scheduling", "purple"),
    Seed("Pre-Production", "pink"),
    Seed("In Production", "blue"),
    Seed("Production Complete", "teal"),
    Seed("Pending Payment", "gray"),
    Seed("Closed Job", "green", True),
)
