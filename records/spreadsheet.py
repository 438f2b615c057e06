"""CSV that spreadsheets open: written line by line, and running nothing."""

from __future__ import annotations

from typing import Any

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula and would run it."""


class Line:
    """What `csv` writes into: gives the line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> Any:
    """The value as it may stand in a cell."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
