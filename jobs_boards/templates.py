"""Boards that are made with one click. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Column(NamedTuple):
    """A column to be made."""

    key: str
    title: str
    kind: str
    settings: Mapping[str, Any] = {}
    main: bool = False


ACTIVE_JOBS_COLUMNS = (
    Column("status", "Status", "status", main=True),
    Column("lead", "Lead technician", "people", main=True),
    Column("start", "Start", "date", {"time": True}),
    Column("end", "End", "date", {"time": True}),
    Column("address", "Address", "text"),
    Column("number", "Job number", "text"),
    Column("job", "Job", "link", {"to": "job", "locked": True}, main=True),
    Column("created", "Created", "date", {"time": True, "locked": True}),
    Column("due", "Due", "date", main=True),
)
"""What the starter mapping of the connector `boards` fills; `due` is the board's own."""
ACTIVE_JOBS_GROUPS = ("This month", "Later")
