"""What happened lately: the newest log rows of one's integrations, alike ones of a run in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

LOOKED_AT = 200
SHOWN = 10

# Per integration its newest rows, whatever the others write; then alike ones in a row become one line. ANY keeps the
# planner to the index of the integration: by "=" it may read the primary key backward, which for one that has been
# quiet for months is most of the table.
_RECENT = """
SELECT log.integration_id, integration.name, log.run_id, log.operation, log.direction, log.resource_type, log.status,
    max(log.created_at), count(*), max(log.id)
FROM unnest(%(ids)s::uuid[]) AS wanted (id)
JOIN integrations_integration AS integration ON integration.id = wanted.id
JOIN LATERAL (SELECT * FROM integrations_synclog WHERE integration_id = ANY(ARRAY[wanted.id])
    ORDER BY integration_id, id DESC LIMIT %(looked)s) AS log ON true
GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY max(log.id) DESC LIMIT %(shown)s
"""


@dataclass(frozen=True, slots=True)
class Line:
    """`number` writes of one kind in one run; `log` is the newest of them."""

    integration: UUID
    name: str
    run: UUID | None
    operation: str
    direction: str
    resource_type: str
    status: str
    at: datetime
    number: int
    log: int

    @property
    def more(self) -> bool:
        """There may be more of them than were looked at."""
        return self.number >= LOOKED_AT


def recent(integrations: Sequence[Any]) -> list[Line]:
    """One query, which reads no more than `LOOKED_AT` rows of each."""
    values: dict[str, Any] = {"ids": list(integrations), "looked": LOOKED_AT, "shown": SHOWN}
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, values)
        return [Line(*row) for row in cursor.fetchall()]
