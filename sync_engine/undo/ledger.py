"""How far a rollback is, on its run's row: what a page shows, and where another worker goes on after a death."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from integrations.models import JobExecution, SyncLog
from sync_engine.ports import ports
from sync_engine.running.leases import SPAN
from sync_engine.undo.compensations import Compensation

SENTENCES = 100
"""Of what is left alone, so many are kept with their reasons; all are counted."""


class Ledger:
    """`of` writes in all, `done` with so many, `back` of them taken back, `left` alone. `at` is the write in hand, and
    `settled` the last one that is done with: both are log ids, and the newest write comes first."""

    def __init__(self, undo: JobExecution) -> None:
        self.undo = undo
        self.noted: dict[str, Any] = {"done": 0, "back": 0, "left": 0, "skipped": [], **undo.progress}

    def begin(self, writes: QuerySet[SyncLog]) -> None:
        """Counts, the first time."""
        if "of" not in self.noted:
            self.noted["of"] = writes.count()
            self._save()

    def left(self, writes: QuerySet[SyncLog], most: int) -> list[SyncLog]:
        """The next writes to look at."""
        settled = self.noted.get("settled")
        return list((writes if settled is None else writes.filter(pk__lt=settled)).order_by("-pk")[:most])

    def take_up(self, log: SyncLog) -> bool:
        """Committed before anything is done about this write. True where a worker had it in hand before."""
        again = bool(self.noted.get("at") == log.pk)
        self.noted["at"] = log.pk
        self._save()
        return again

    def settle(self, step: Compensation) -> None:
        """Call it in the transaction that carries the step out: then no step is done, or counted, twice."""
        noted = self.noted
        noted["settled"], noted["done"] = step.log_id, noted["done"] + 1
        noted["back" if step.action != "none" else "left"] += 1
        if step.skipped and len(noted["skipped"]) < SENTENCES:
            noted["skipped"].append(f"{step.resource_type} {step.internal_id}: {step.skipped}")
        self._save()

    def _save(self) -> None:
        lease = ports().clock.now() + SPAN
        JobExecution.objects.filter(pk=self.undo.pk).update(progress=self.noted, lease_until=lease)
