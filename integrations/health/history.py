"""What was measured, over time: for sparklines and trends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from integrations.models import Integration

DAY = timedelta(days=1)
POINTS = 48


@dataclass(frozen=True, slots=True)
class Point:
    """Means of the snapshots of one step that began at `at`; `pending_conflicts` is the most there were."""

    at: datetime
    score: float
    success_rate: float | None
    response_time: float | None
    error_rate: float | None
    pending_conflicts: int


# The rates are those of `figures.Runs`, worked out when the snapshot was taken.
_HISTORY = """
SELECT date_bin(%(step)s, taken_at, %(since)s), avg(score), avg((figures #>> '{rates,success}')::float),
    avg((figures #>> '{rates,response}')::float), avg((figures #>> '{rates,error}')::float),
    max((figures ->> 'pending_conflicts')::int)
FROM integrations_healthsnapshot
WHERE integration_id = %(integration)s AND taken_at >= %(since)s AND taken_at < %(until)s
GROUP BY 1 ORDER BY 1
"""


def history(integration: Integration, now: datetime, span: timedelta = DAY, points: int = POINTS) -> list[Point]:
    """The last `span` in steps of equal length, the oldest first; steps without a snapshot are left out."""
    values: dict[str, Any] = {"integration": integration.pk, "step": span / points, "since": now - span, "until": now}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, values)
        return [
            Point(at, round(score, 1), _rounded(success), _rounded(response), _rounded(error), most)
            for at, score, success, response, error, most in cursor.fetchall()
        ]


def trend(points: list[Point], name: str) -> float | None:
    """How far the last value lies above the mean of those before it, in the unit of the value; None where there
    is nothing to compare."""
    values = [value for point in points if (value := getattr(point, name)) is not None]
    if len(values) < 2:
        return None
    return round(values[-1] - sum(values[:-1]) / len(values[:-1]), 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 1)
