"""Old rows that nobody looks at any more are removed in batches, so that no lock is held for long."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from sync_engine.ports import ports

BATCH = 5_000

# What is removed -> (table, which of its rows). A plan, a running run and a change that waits are kept.
_OLD = {
    "log entries": ("integrations_synclog", "created_at < %(before)s"),
    "webhook deliveries": ("integrations_webhookdelivery", "received_at < %(before)s AND status <> 'QUEUED'"),
    "messages": ("integrations_notification", "created_at < %(before)s AND status <> 'PENDING'"),
    "resolved alerts": (
        "integrations_alert",
        "status = 'RESOLVED' AND resolved_at < %(before)s AND NOT EXISTS (SELECT 1 FROM integrations_notification "
        "WHERE alert_id = integrations_alert.id)",
    ),
    "health snapshots": ("integrations_healthsnapshot", "taken_at < %(before)s"),
    "outbox rows": ("records_localchange", "distributed_at < %(before)s AND NOT watched"),
    "steps of decisions on many conflicts": (
        "conflicts_bulkstep",
        "bulk_id IN (SELECT id FROM conflicts_bulkdecision WHERE created_at < %(before)s "
        "AND status NOT IN ('PLANNING', 'APPLYING'))",
    ),
    "decisions on many conflicts": (
        "conflicts_bulkdecision",
        "created_at < %(before)s AND status NOT IN ('PLANNING', 'APPLYING') AND NOT EXISTS "
        "(SELECT 1 FROM conflicts_bulkstep WHERE bulk_id = conflicts_bulkdecision.id)",
    ),
    "plan steps": (
        "integrations_planstep",
        "run_id IN (SELECT id FROM integrations_jobexecution WHERE completed_at < %(before)s)",
    ),
}


def also(name: str, table: str, old: str) -> None:
    """Files rows of an app above, from its `AppConfig.ready()`: which of the table's rows go, by `%(before)s`."""
    _OLD[name] = (table, old)


def prune_old() -> Counter[str]:
    """Removes what is older than `LOG_RETENTION_DAYS`."""
    return prune(ports().clock.now() - timedelta(days=settings.LOG_RETENTION_DAYS), settings.LOG_CLEANUP_BATCH)


def prune(before: datetime, batch: int = BATCH) -> Counter[str]:
    """Removes what ended before that moment. Returns how many rows of each kind went. Runs themselves stay: they
    are few, and say what was done when."""
    gone: Counter[str] = Counter()
    for name, (table, old) in _OLD.items():
        statement = f"DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM {table} WHERE {old} LIMIT %(batch)s))"
        while count := _delete(statement, before, batch):
            gone[name] += count
    return gone


def _delete(statement: str, before: datetime, batch: int) -> int:
    """One batch, in a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"before": before, "batch": batch})
        return int(cursor.rowcount)
