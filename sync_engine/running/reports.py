"""What a run did, in words, as JSON, and as a line that moves while it works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_engine.running.runs import Result

COUNTED = (
    "created",
    "pulled",
    "pushed",
    "merged",
    "matched",
    "conflicts",
    "resolved",
    "deleted",
    "skipped",
    "parked",
    "failed",
    "stale",
    "api_calls",
)


def as_json(result: Result) -> dict[str, Any]:
    """R1's counters and ours, for machines."""
    run = result.run
    return {
        "run": str(run.pk),
        "integration": run.integration.name if run.integration else None,
        "status": run.status,
        "records": result.counters["records"],
        **{name: result.counters[name] for name in COUNTED},
        "planned": run.progress.get("planned", 0),
        "durationMs": run.duration_ms,
        "error": result.error or None,
        "failures": list(dict.fromkeys(result.failures)),
        "approvals": result.approvals,
    }


def in_words(result: Result) -> str:
    """A few lines for a person."""
    run = result.run
    name = run.integration.name if run.integration else "?"
    if result.error:
        return f"{name}: failed. {result.error}"
    if run.options.get("dryRun"):
        planned = run.progress.get("planned", 0)
        hint = f" Apply it with: manage.py sync '{name}' --apply {run.pk}" if planned else ""
        return f"{name}: plan with {planned} step(s); nothing was written.{hint}"
    counted = ", ".join(f"{result.counters[one]} {one.replace('_', ' ')}" for one in COUNTED if result.counters[one])
    lines = [f"{name}: {result.counters['records']} read; {counted or 'nothing to do'}; {run.duration_ms} ms."]
    lines += [f"  waits for approval: {sentence}" for sentence in result.approvals]
    lines += [f"  later: {sentence}" for sentence in dict.fromkeys(result.failures)]
    return "\n".join(lines)


def exit_status(results: Sequence[Result]) -> int:
    """0 done, 1 failed records, an error or something to approve, 2 a dry run that would change something."""
    if any(result.failed or result.approvals for result in results):
        return 1
    planned = any(result.run.options.get("dryRun") and result.run.progress.get("planned") for result in results)
    return 2 if planned else 0


class ProgressLine:
    """One line on a terminal that is written over."""

    def __init__(self, stream: Any, *, enabled: bool) -> None:
        self._stream = stream
        self._enabled = enabled

    def show(self, counters: Counter[str]) -> None:
        if self._enabled:
            parts = [f"{counters[name]} {name}" for name in ("records", *COUNTED) if counters[name]]
            self._stream.write("\r\x1b[K" + ", ".join(parts), ending="")
            self._stream.flush()

    def close(self) -> None:
        if self._enabled:
            self._stream.write("\r\x1b[K", ending="")
            self._stream.flush()
