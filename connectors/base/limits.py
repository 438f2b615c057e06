"""How often a provider may be called, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` within any `per_seconds`. `name` tells limits of one provider apart."""

    calls: int
    per_seconds: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        if self.calls < 1 or self.per_seconds <= 0:
            raise ValueError(
                f"A limit needs at least one call in a positive time, not {self.calls}/{self.per_seconds}."
            )
