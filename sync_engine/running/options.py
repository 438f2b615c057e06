"""What is asked of a run, as an argument and as it is stored on the run's row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from integrations.enums import JobType
from integrations.models import JobExecution

DIRECTIONS = {"pull": (True, False), "push": (False, True), "both": (True, True)}
"""Direction -> (pull, push)."""


@dataclass(frozen=True)
class Options:
    """What is asked of a run. `items` are local ids to push; `plan` is the id of a plan to apply."""

    direction: str = "both"
    resource_types: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    full: bool = False
    dry_run: bool = False
    plan: str | None = None
    approve_deletes: bool = False
    patience: float = 0.0
    """Seconds to wait for another worker that is at the same type."""
    job_type: str = JobType.MANUAL_SYNC
    cause: str = ""
    run_id: str = ""
    """A run that was filed as PENDING, to be carried out under its own id."""

    @property
    def first(self) -> bool:
        """A first sync that runs by itself: it writes when a look has shown that nobody needs to be asked."""
        return self.job_type == JobType.INITIAL_IMPORT and not self.dry_run and self.plan is None

    def stored(self) -> dict[str, Any]:
        return {
            "direction": self.direction,
            "resourceTypes": list(self.resource_types),
            "items": list(self.items),
            "full": self.full,
            "dryRun": self.dry_run,
            "approveDeletes": self.approve_deletes,
        }

    @classmethod
    def restored(cls, stored: dict[str, Any], **changes: Any) -> Options:
        known = {
            "direction": stored.get("direction", "both"),
            "resource_types": tuple(stored.get("resourceTypes", ())),
            "items": tuple(stored.get("items", ())),
            "full": stored.get("full", False),
            "dry_run": stored.get("dryRun", False),
            "approve_deletes": stored.get("approveDeletes", False),
        }
        return cls(**{**known, **changes})

    @classmethod
    def of(cls, run: JobExecution, **changes: Any) -> Options:
        """What a filed run is to do, under its own id."""
        plan = str(run.plan_id) if run.plan_id else None
        own = {"plan": plan, "job_type": run.job_type, "cause": run.cause, "run_id": str(run.pk)}
        return cls.restored(run.options, **{**own, **changes})

    def covers(self, other: Options) -> bool:
        """Whether a run of these has done all that the other asks for."""
        return (
            self.direction in ("both", other.direction)
            and not self.items
            and not self.dry_run
            and self.full >= other.full
            and (not self.resource_types or _within(other.resource_types, self.resource_types))
        )

    def widened(self, other: Options) -> Options:
        """What does both. Deletes are let through only if both may."""
        both = self.resource_types and other.resource_types
        return replace(
            self,
            direction=self.direction if self.direction == other.direction else "both",
            resource_types=_union(self.resource_types, other.resource_types) if both else (),
            items=_union(self.items, other.items) if self.items and other.items else (),
            full=self.full or other.full,
            approve_deletes=self.approve_deletes and other.approve_deletes,
        )


def _union(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*some, *others]))


def _within(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """No types at all means all of them."""
    return bool(some) and set(some) <= set(others)
