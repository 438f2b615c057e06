"""Parked records and links in error, queued to be tried again now instead of when they change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from integrations.models import Integration


@dataclass(frozen=True)
class Retried:
    """How many of each were queued."""

    local: int
    external: int
    links: int
    waiting: int

    @property
    def total(self) -> int:
        return self.local + self.external + self.links + self.waiting


def retry_failed(integration: Integration, now: datetime) -> Retried:
    """Queues everything of one integration that was given up or put off. The next run tries it."""
    with transaction.atomic():
        return Retried(
            local=_run(_LOCAL, integration, now),
            external=_run(_EXTERNAL, integration, now),
            links=_run(_LINKS, integration, now),
            waiting=_run(_WAITING, integration, now),
        )


def _run(statement: str, integration: Integration, now: datetime) -> int:
    values: dict[str, Any] = {"integration": integration.pk, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


_PENDING = """
    INSERT INTO integrations_pendingchange (integration_id, resource_type, internal_id, generation, attempts, reason,
        created_at) SELECT %(integration)s, resource_type, internal_id, 1, 0, '', %(now)s FROM again
    ON CONFLICT (integration_id, resource_type, internal_id) DO UPDATE SET not_before = NULL, attempts = 0
"""
_REREAD = """
    INSERT INTO integrations_externalchange (integration_id, resource_type, external_id, generation, cause, created_at)
    SELECT %(integration)s, resource_type, external_id, 1, 'retry', %(now)s FROM again
    ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET not_before = NULL
"""
_LOCAL = f"""
WITH again AS (
    DELETE FROM integrations_parkedrecord WHERE integration_id = %(integration)s AND side = 'LOCAL'
    RETURNING resource_type, record_id::uuid AS internal_id
), queued AS ({_PENDING})
SELECT count(*) FROM again
"""
# The parked row stays until the record is in: should it fail again, that is no news and not logged twice.
_EXTERNAL = f"""
WITH again AS (
    SELECT resource_type, record_id AS external_id FROM integrations_parkedrecord
    WHERE integration_id = %(integration)s AND side = 'EXTERNAL'
), queued AS ({_REREAD})
SELECT count(*) FROM again
"""
# Without a hash the link is compared again, whatever was seen last.
_LINKS = f"""
WITH again AS (
    UPDATE integrations_integrationmapping SET last_external_hash = NULL
    WHERE integration_id = %(integration)s AND sync_status = 'ERROR'
    RETURNING resource_type, internal_id, external_id
), pushed AS ({_PENDING}), queued AS ({_REREAD})
SELECT count(*) FROM again
"""
_WAITING = """
WITH again AS (
    UPDATE integrations_pendingchange SET not_before = NULL, attempts = 0
    WHERE integration_id = %(integration)s AND not_before > %(now)s RETURNING 1
)
SELECT count(*) FROM again
"""
