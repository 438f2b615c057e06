"""The report of a simulation: what was tried, what held, which planted bugs were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync_engine.planted import BUGS
from sync_engine.simulation.simulate import Verdict

NOT_MODELLED = (
    "the provider's own automations, permissions that change while a run is under way, and merges of two records",
    "networks below HTTP: half-open connections, slow answers that arrive after a time-out",
    "an edit at the provider in the instant between our look and our write, where the provider has no conditional "
    "write: nothing could tell it apart",
    "clocks of hosts that disagree, and clocks that run backwards",
    "PostgreSQL losing a committed transaction (stock durability is trusted; the simulation turns synchronous commit "
    "off for speed, which changes what a power cut keeps, not what a transaction sees)",
    "two workers inside one statement of each other: the lease and the row locks are met by threads and by killed "
    "processes in tests of their own, over real HTTP",
    "money and events: these worlds hold tasks and people, at one or two desks",
    "OAuth refreshes; the tokens of the worlds do not expire",
)


@dataclass(frozen=True, slots=True)
class Hunt:
    """How a planted bug fared: the seed count until it was found (None = not found) and the law that broke."""

    bug: str
    seeds: int | None
    law: str = ""


def summed(verdicts: Sequence[Verdict], what: str) -> Counter[str]:
    """The counters `what` of all verdicts together."""
    total: Counter[str] = Counter()
    for verdict in verdicts:
        total.update(getattr(verdict, what))
    return total


def markdown(verdicts: Sequence[Verdict], hunts: Sequence[Hunt], *, steps: int, seconds: float) -> str:
    """The whole page."""
    counts, faults = summed(verdicts, "counts"), summed(verdicts, "faults")
    broken = [verdict for verdict in verdicts if verdict.broken]
    slowest = max(verdicts, key=lambda one: one.rounds)
    first, last = verdicts[0].seed, verdicts[-1].seed
    parts = [
        "# Simulation report",
        "Written by `manage.py simulate`. Every seed is a world of its own: one organization, one or two provider "
        "accounts (stateful twins of Asana or of a plain JSON API), "
        "people on both sides, a random subset of steps and faults, crashes at any "
        "statement, call or effect boundary. Afterwards faults end, time passes, and the laws are checked from "
        "outside.",
        f"- seeds: {len(verdicts)} ({first} to {last}), {steps} steps each\n"
        f"- steps taken: {sum(count for name, count in counts.items() if name.startswith('step '))}\n"
        f"- runs of the engine: {counts['runs']}\n"
        f"- crashes: {counts['crashes']}\n"
        f"- decisions of people: {counts['decisions']}, rollbacks: {counts['rollbacks']}\n"
        f"- slowest rest: {slowest.rounds} rounds of runs (seed {slowest.seed})\n"
        f"- time: {seconds:.0f} s\n"
        f"- seeds that broke a law: {len(broken)}",
        "## Worlds",
        _table(("Desks", "Seeds"), _named(counts, "world ")),
        "## Laws",
        _table(("Law", "Worlds checked"), _named(counts, "law ")),
        "## Broken",
        "\n".join(f"- seed {one.seed}: {one.broken}" for one in broken) or "None.",
        "## Faults that struck",
        _table(("Fault", "Times"), sorted(faults.items())),
        "## Steps",
        _table(("Step", "Times"), _named(counts, "step ")),
        "## Planted bugs",
        _hunts(hunts),
        "## What the twins do not model",
        "\n".join(f"- {line}" for line in NOT_MODELLED),
    ]
    return "\n\n".join(parts) + "\n"


def _named(counts: Mapping[str, int], prefix: str) -> list[tuple[str, int]]:
    return sorted((name.removeprefix(prefix), count) for name, count in counts.items() if name.startswith(prefix))


def _table(head: tuple[str, str], rows: Sequence[tuple[str, object]]) -> str:
    return "\n".join([f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)])


def _hunts(hunts: Sequence[Hunt]) -> str:
    if not hunts:
        return "Not hunted in this run; `tests/simulation/test_planted.py` does it."
    lines = ["| Bug | What it does | Found after | Law that broke |", "|---|---|---|---|"]
    for hunt in hunts:
        after = f"{hunt.seeds} seeds" if hunt.seeds else "not found"
        lines.append(f"| {hunt.bug} | {BUGS[hunt.bug]} | {after} | {hunt.law} |")
    return "\n".join(lines)
