"""What a run carries through its phases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from integrations.models import Integration
from records.origins import Origin
from sync_engine.deciding.settle import Policy
from sync_engine.gate import Gate, OpenGate
from sync_engine.journal import Journal, add_counters
from sync_engine.ports import ports
from sync_engine.queues import Pending
from sync_engine.running.leases import SPAN
from sync_engine.running.stint import Stint
from sync_engine.shape import Shape


def _no_progress(_counters: Counter[str]) -> None:
    """Nobody watches."""


def _no_lease() -> None:
    """No other worker is possible."""


@dataclass
class Context:
    """One run: who, why, what it may write, and what it counted so far.

    assert_lease   raises `LeaseLost` unless this worker still owns the run; called inside every transaction
    progress       called after every transaction with the counters so far
    approve_deletes  a person has seen how many deletes there are
    stint          how much of the run this task carries out, and how far it came
    answers        how often the provider answered as it should; 0 with failures = it is not there
    resource_type  what the run is at
    """

    integration: Integration
    run_id: str | None = None
    cause: str = ""
    gate: Gate = field(default_factory=OpenGate)
    full: bool = False
    only: tuple[str, ...] = ()
    approve_deletes: bool = False
    counters: Counter[str] = field(default_factory=Counter)
    assert_lease: Callable[[], None] = _no_lease
    progress: Callable[[Counter[str]], None] = _no_progress
    failures: list[str] = field(default_factory=list)
    approvals: list[str] = field(default_factory=list)
    """What a person must approve before it is done, in sentences."""
    recreate: list[Pending] = field(default_factory=list)
    hold_deletes: bool = False
    stint: Stint = field(default_factory=Stint)
    answers: int = 0
    resource_type: str = ""

    @property
    def origin(self) -> Origin:
        return Origin("integration", str(self.integration.pk), self.integration.name)

    @property
    def policy(self) -> Policy:
        return Policy(self.integration.conflict_strategy, self.integration.merge_rules)

    def now(self) -> datetime:
        return ports().clock.now()

    def journal(self, shape: Shape) -> Journal:
        return Journal(str(self.integration.pk), self.run_id, shape.type, self.cause)

    def commit(self, journal: Journal) -> None:
        """Last act of a transaction: the log, the counters, the lease; counted here once it is durable."""
        now = self.now()
        journal.flush(now)
        if self.gate.writes:
            add_counters(self.run_id, journal.counters, now, now + SPAN)
        self.assert_lease()
        counted = Counter(journal.counters)
        transaction.on_commit(lambda: self._committed(counted))

    def _committed(self, counted: Counter[str]) -> None:
        self.counters.update(counted)
        self.progress(self.counters)
