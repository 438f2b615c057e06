"""What a run may write: everything, nothing (a plan), or exactly what a plan showed.

A plan and a run are the same code. Each decision passes the gate as a `Step`; the plan's gate files it and
says no, the open gate says yes unseen, the replay gate says yes to what was filed with the same digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from django.db import connection

from connectors.base.redaction import redact
from sync_engine.planted import planted


@dataclass(frozen=True, slots=True)
class Step:
    """One decision. `inputs` is everything it was decided on; the same inputs give the same digest."""

    action: str
    internal_id: str
    external_id: str
    inputs: Sequence[Any]
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    label: str = ""
    detail: str = ""

    @property
    def digest(self) -> bytes:
        content = (self.action, self.internal_id, self.external_id, self.inputs)
        return blake2b(orjson.dumps(content, default=repr), digest_size=16).digest()


class Gate:
    """`open` = steps need not be built; `writes` = the run leaves traces of its own (cursors, logs)."""

    open = True
    writes = True

    def permit(self, resource_type: str, steps: Sequence[Step]) -> list[bool]:
        """One answer per step."""
        return [True] * len(steps)

    def note(self, resource_type: str, steps: Sequence[Step]) -> None:
        """Records for which nothing will be done, and why: a plan shows them, a run has its own ways to."""


class OpenGate(Gate):
    """A run without a plan."""


class PlanGate(Gate):
    """Files every step and permits none."""

    open = False
    writes = False

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.filed = 0

    def permit(self, resource_type: str, steps: Sequence[Step]) -> list[bool]:
        self._file(resource_type, steps, "PLANNED")
        self.filed += len(steps)
        return [False] * len(steps)

    def note(self, resource_type: str, steps: Sequence[Step]) -> None:
        self._file(resource_type, steps, "NOTED")

    def _file(self, resource_type: str, steps: Sequence[Step], state: str) -> None:
        columns = (
            "(run_id, resource_type, action, internal_id, external_id, label, before, after, detail, digest, state)"
        )
        with connection.cursor() as cursor, cursor.copy(f"COPY integrations_planstep {columns} FROM STDIN") as copy:
            for step in steps:
                copy.write_row(
                    (
                        self.run_id,
                        resource_type,
                        step.action,
                        step.internal_id,
                        step.external_id,
                        step.label,
                        _json(step.before),
                        _json(step.after),
                        step.detail,
                        "\\x" + step.digest.hex(),
                        state,
                    )
                )


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else orjson.dumps(redact(dict(values))).decode()


class ReplayGate(Gate):
    """Permits what the plan filed; anything else waits for the next plan."""

    open = False

    def __init__(self, plan_id: str) -> None:
        self.plan_id = plan_id
        self.refused = 0

    def permit(self, resource_type: str, steps: Sequence[Step]) -> list[bool]:
        digests = [step.digest for step in steps]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE integrations_planstep SET state = 'APPLIED' WHERE run_id = %s AND resource_type = %s "
                "AND state = 'PLANNED' AND digest = ANY(%s) RETURNING digest",
                [self.plan_id, resource_type, digests],
            )
            known = {bytes(row[0]) for row in cursor.fetchall()}
        answers = [digest in known or planted("apply_unplanned") for digest in digests]
        self.refused += answers.count(False)
        return answers

    def close(self) -> int:
        """What was planned and did not come up again is stale. Returns how many."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE integrations_planstep SET state = 'STALE' WHERE run_id = %s AND state = 'PLANNED'",
                [self.plan_id],
            )
            return int(cursor.rowcount)
