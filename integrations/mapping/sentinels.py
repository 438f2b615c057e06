"""Values that are not values: they never reach a base, a record or a provider."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Sentinel(Enum):
    UNRESOLVED = "unresolved"
    ABSENT = "absent"

    def __repr__(self) -> str:
        return self.name


UNRESOLVED: Final[Literal[Sentinel.UNRESOLVED]] = Sentinel.UNRESOLVED
"""A lookup whose target is not linked yet: leave the field alone, log, retry when the link appears."""

ABSENT: Final[Literal[Sentinel.ABSENT]] = Sentinel.ABSENT
"""The rule does not write in this direction, or the field did not change."""
