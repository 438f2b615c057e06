"""Small drawings as SVG: a line of values over time, and a gauge. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 120, 32, 3
AROUND = 100
"""Length of the gauge's ring in its own unit, so that a score is a length."""


def points(values: Sequence[float | None]) -> list[tuple[float, float]]:
    """Where each known value stands; a line that does not move stands in the middle."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    return [
        (round(EDGE + index * step, 1), _height(value, low, high))
        for index, value in enumerate(values)
        if value is not None
    ]


def _height(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)


def sparkline(values: Sequence[float | None], label: str) -> SafeString | str:
    """Empty where there are not two values to join."""
    drawn = points(values)
    if len(drawn) < 2:
        return ""
    path = " ".join(f"{x},{y}" for x, y in drawn)
    last_x, last_y = drawn[-1]
    return format_html(
        '<svg class="ls-spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        WIDTH, HEIGHT, WIDTH, HEIGHT, label, path, last_x, last_y,
    )  # fmt: skip


def gauge(score: float, tone: str, label: str) -> SafeString:
    """A ring that is full at 100, the score in it."""
    return format_html(
        '<svg class="ls-gauge ls-{}" viewBox="0 0 36 36" width="64" height="64" role="img" aria-label="{}">'
        '<circle class="ls-gauge-rest" cx="18" cy="18" r="15.9155"/>'
        '<circle class="ls-gauge-part" cx="18" cy="18" r="15.9155" stroke-dasharray="{} {}"'
        ' transform="rotate(-90 18 18)"/>'
        '<text x="18" y="21.5" text-anchor="middle" aria-hidden="true">{}</text></svg>',
        tone, label, max(0, min(AROUND, round(score, 1))), AROUND, round(score),
    )  # fmt: skip
