"""The next log rows of some integrations, by the index of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

# ANY and the leading column in the order keep the planner to the index (integration, -id). By "=" it may read the
# primary key instead, and pass over everybody else's rows until it finds some of an integration that has been quiet.
_NEXT = """
SELECT log.id FROM unnest(%(ids)s::uuid[]) AS wanted (id)
JOIN LATERAL (
    SELECT id FROM integrations_synclog WHERE integration_id = ANY(ARRAY[wanted.id]) AND id {beyond} %(edge)s
    ORDER BY integration_id {first}, id {way} LIMIT %(most)s
) AS log ON true ORDER BY log.id {way} LIMIT %(most)s
"""
_OLDER = _NEXT.format(beyond="<", first="ASC", way="DESC")
_NEWER = _NEXT.format(beyond=">", first="DESC", way="ASC")
END = 2**63 - 1


def older_than(integrations: Sequence[UUID], edge: int | None, most: int) -> list[int]:
    """Ids of the newest rows before `edge` (None = of all), the newest first."""
    return _next(_OLDER, integrations, END if edge is None else edge, most)


def newer_than(integrations: Sequence[UUID], edge: int, most: int) -> list[int]:
    """Ids of the rows right after `edge`, the oldest first."""
    return _next(_NEWER, integrations, edge, most)


def _next(statement: str, integrations: Sequence[UUID], edge: int, most: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(integrations), "edge": edge, "most": most})
        return [row[0] for row in cursor.fetchall()]
