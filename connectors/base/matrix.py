"""The support matrix of the README, made from the classes, so that it cannot claim what is not there."""

from __future__ import annotations

from collections.abc import Iterable

from .capabilities import Feeds, Listens, Notifies, Pulls, Pushes, Triggers
from .connector import Connector
from .levels import level

COLUMNS: tuple[tuple[str, type], ...] = (
    ("Read", Pulls),
    ("Write", Pushes),
    ("Change feed", Feeds),
    ("Webhooks", Listens),
    ("Messages", Notifies),
    ("Workflows", Triggers),
)


def matrix(connectors: Iterable[type[Connector]]) -> str:
    """A markdown table: one connector a line, by label."""
    head = ["Connector", "Records", *(name for name, _ in COLUMNS), "Level"]
    rows = [_row(each) for each in sorted(connectors, key=lambda each: each.label.lower())]
    return "\n".join(_line(row) for row in (head, ["---"] * len(head), *rows)) + "\n"


def _row(connector: type[Connector]) -> list[str]:
    marks = ["yes" if issubclass(connector, capability) else "" for _, capability in COLUMNS]
    return [connector.label, _records(connector), *marks, level(connector)]


def _records(connector: type[Connector]) -> str:
    """Pull-only kinds carry a mark where others of the connector can be written."""
    writes = issubclass(connector, Pushes)
    resources = connector.__dict__.get("resources", connector.resources)
    if not isinstance(resources, (tuple, list)):
        return "as configured"
    return ", ".join(f"{each.key} (read)" if writes and not each.writable else each.key for each in resources)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
