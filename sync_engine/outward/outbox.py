"""Drains the outbox: local changes become pending changes of every integration that maps the type.

A change that an integration itself wrote is not queued back to it; a change that came from elsewhere is, which
makes Lockstep a hub. Should one be queued needlessly, the compare finds nothing to do and that ends it.

Where records of ours are the external side of a connector (`SyncType.mirrors`: the items of a board), a change of one
is also queued to be read again by its integrations, as a webhook would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from integrations.models import Integration
from records import catalog
from sync_engine.planted import planted
from sync_engine.ports import ports

BATCH = 5_000

_DISTRIBUTE = """
WITH taken AS (
    SELECT id, organization_id, resource_type, record_id, origin_kind, origin_id, created_at FROM records_localchange
    WHERE distributed_at IS NULL ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), targets AS (
    SELECT integration.id AS integration_id, taken.resource_type, taken.record_id,
           count(*) AS changes, max(taken.created_at) AS created_at
    FROM taken
    JOIN integrations_integration AS integration ON integration.organization_id = taken.organization_id
    JOIN integrations_fieldmapping AS mapping ON mapping.integration_id = integration.id
         AND mapping.resource_type = taken.resource_type
    WHERE integration.sync_direction <> 'EXTERNAL_TO_LOCAL' AND integration.status <> 'DISABLED'
      AND NOT (taken.origin_kind = 'integration' AND taken.origin_id = integration.id::text)
      AND mapping.version = (SELECT max(version) FROM integrations_fieldmapping AS newest
           WHERE newest.integration_id = mapping.integration_id AND newest.resource_type = mapping.resource_type)
    GROUP BY 1, 2, 3
), queued AS (
    INSERT INTO integrations_pendingchange (integration_id, resource_type, internal_id, generation, attempts, reason,
        created_at)
    SELECT integration_id, resource_type, record_id, changes, 0, '', created_at FROM targets
    ORDER BY created_at, record_id
    ON CONFLICT (integration_id, resource_type, internal_id) DO UPDATE SET
        generation = integrations_pendingchange.generation + excluded.generation,
        created_at = excluded.created_at, not_before = NULL, attempts = 0
), heard AS (
    INSERT INTO integrations_externalchange AS waiting (integration_id, resource_type, external_id, generation, cause,
        created_at)
    SELECT integration.id, mirror.resource, taken.record_id::text, count(*), 'mirror', %(now)s
    FROM taken
    JOIN unnest(%(types)s::text[], %(connectors)s::text[], %(resources)s::text[])
         AS mirror(type, connector, resource) ON mirror.type = taken.resource_type
    JOIN integrations_integration AS integration ON integration.organization_id = taken.organization_id
         AND integration.type = mirror.connector
    WHERE integration.sync_direction <> 'LOCAL_TO_EXTERNAL' AND integration.status <> 'DISABLED'
      AND NOT (taken.origin_kind = 'integration' AND taken.origin_id = integration.id::text)
      AND EXISTS (SELECT 1 FROM integrations_fieldmapping AS mapping
           WHERE mapping.integration_id = integration.id AND mapping.resource_type = mirror.resource)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (integration_id, resource_type, external_id) DO UPDATE SET
        generation = waiting.generation + excluded.generation, not_before = NULL
), marked AS (
    UPDATE records_localchange AS change SET distributed_at = %(now)s FROM taken WHERE change.id = taken.id
)
SELECT count(*) FROM taken
"""


def distribute() -> int:
    """Queues everything that waits in the outbox. Returns how many changes were taken. Safe to run anywhere,
    any time, by any number of workers."""
    total = 0
    while True:
        ports().effect("distribute")
        with transaction.atomic(), connection.cursor() as cursor:
            sql = _DISTRIBUTE
            if planted("outbox_dropped"):
                sql = sql.replace("GROUP BY 1, 2, 3", "AND false GROUP BY 1, 2, 3")
            cursor.execute(sql, {"limit": BATCH, "now": ports().clock.now(), **_mirrors()})
            taken = int(cursor.fetchone()[0])
        total += taken
        if taken < BATCH:
            return total


def _mirrors() -> dict[str, list[str]]:
    """Type, connector and resource of every mirror, as columns."""
    found = [
        (one.key, connector.upper(), resource) for one in catalog.all_types() for connector, resource in one.mirrors
    ]
    return {
        "types": [kind for kind, _, _ in found],
        "connectors": [connector for _, connector, _ in found],
        "resources": [resource for _, _, resource in found],
    }


def queue(integration: Integration, resource_type: str, record_ids: Sequence[str], now: datetime) -> None:
    """Queues records for one integration because somebody asked for it, whether or not they changed. Runs in the
    caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_pendingchange AS waiting (integration_id, resource_type, internal_id, "
            "generation, attempts, reason, created_at) SELECT %s, %s, wanted, 1, 0, '', %s "
            "FROM unnest(%s::uuid[]) AS wanted "
            "ON CONFLICT (integration_id, resource_type, internal_id) DO UPDATE SET "
            "generation = waiting.generation + 1, not_before = NULL, attempts = 0",
            [integration.pk, resource_type, now, list(record_ids)],
        )
