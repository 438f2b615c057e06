"""Rows as a form sends them: `row-0-external`, `row-0-internal` ... Empty rows are left out."""

from __future__ import annotations

from collections.abc import Mapping

from console.mappings.rows import WAYS, Row

MOST = 300


def rows_in(data: Mapping[str, str]) -> list[Row]:
    """The rows of a POST in their order."""
    found = [_row(data, number) for number in range(_count(data))]
    return [row for row in found if not row.blank]


def _count(data: Mapping[str, str]) -> int:
    text = data.get("rows", "0")
    return min(int(text), MOST) if text.isdigit() else 0


def _row(data: Mapping[str, str], number: int) -> Row:
    def text(name: str) -> str:
        return data.get(f"row-{number}-{name}", "").strip()

    def tick(name: str) -> bool:
        return f"row-{number}-{name}" in data

    return Row(
        external=text("external"),
        internal=text("internal"),
        way=text("way") if text("way") in WAYS else "both",
        kind=text("kind") or "string",
        values_in=text("values_in"),
        values_out=text("values_out"),
        more_in=text("more_in"),
        more_out=text("more_out"),
        required=tick("required"),
        accepts_loss=tick("accepts_loss"),
        matches=tick("matches"),
    )
