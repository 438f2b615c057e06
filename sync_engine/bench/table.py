"""The lines as a table, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sync_engine.bench.yardsticks import Line

HEAD = f"{'yardstick':<38} {'ours':>10} {'floor':>10} {'ratio':>7} {'target':>8}  met"


def as_text(line: Line) -> str:
    floor = "" if line.floor is None else _amount(line.floor, line.unit)
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    return (
        f"{line.name:<38} {_amount(line.ours, line.unit):>10} {floor:>10} {ratio:>7} {_target(line):>8}  "
        f"{_met(line):<3} {line.note}"
    ).rstrip()


def _amount(value: float, unit: str) -> str:
    return f"{value:.0f} MB" if unit == "MB" else f"{value:.2f} {unit}"


def _target(line: Line) -> str:
    if line.target is None:
        return ""
    return f"{line.target:g}" if line.ratio is not None else f"{line.target:g} {line.unit}"


def _met(line: Line) -> str:
    return {True: "yes", False: "NO", None: ""}[line.met]


def as_json(lines: Sequence[Line], n: int) -> dict[str, Any]:
    return {
        "n": n,
        "lines": [
            {
                "name": line.name,
                "unit": line.unit,
                "ours": round(line.ours, 4),
                "floor": None if line.floor is None else round(line.floor, 4),
                "ratio": None if line.ratio is None else round(line.ratio, 3),
                "target": line.target,
                "met": line.met,
                "note": line.note,
            }
            for line in lines
        ],
    }
