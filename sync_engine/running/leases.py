"""One worker at a time moves a resource type of an integration; a dead worker's lease runs out by itself."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from django.db import connection

from sync_engine.planted import planted
from sync_engine.ports import ports
from sync_engine.shape import Shape

SPAN = timedelta(seconds=90)


class LeaseLost(Exception):
    """Another worker took over: stop at once, write nothing."""


class LeaseHeld(Exception):
    """Another worker is at it now."""


def take(shape: Shape, owner: str) -> None:
    """Takes or renews the lease of one type. Raises `LeaseHeld`."""
    now = ports().clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_synccursor AS cursor (integration_id, resource_type, feed_token, complete, "
            "mapping_version, lease_owner, lease_until) VALUES (%s, %s, '', false, 0, %s, %s) "
            "ON CONFLICT (integration_id, resource_type) DO UPDATE SET lease_owner = excluded.lease_owner, "
            "lease_until = excluded.lease_until WHERE cursor.lease_owner IN ('', %s) OR cursor.lease_until IS NULL "
            "OR cursor.lease_until < %s RETURNING 1",
            [shape.integration.pk, shape.type, owner, now + SPAN, owner, now],
        )
        if cursor.fetchone() is None and not planted("lease_ignored"):
            raise LeaseHeld(f"Another worker is syncing {shape.type} of '{shape.integration.name}' right now.")


def take_patiently(shape: Shape, owner: str, patience: float) -> None:
    """Like `take`, but waits up to `patience` seconds for the other worker to finish."""
    clock = ports().clock
    end = clock.monotonic() + patience
    while True:
        try:
            take(shape, owner)
            return
        except LeaseHeld:
            if clock.monotonic() >= end:
                raise
            clock.sleep(0.2)


def hold(shape: Shape, owner: str) -> None:
    """Renews inside a transaction; if the lease is gone, the transaction must not commit."""
    now = ports().clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_synccursor SET lease_until = %s WHERE integration_id = %s AND resource_type = %s "
            "AND lease_owner = %s",
            [now + SPAN, shape.integration.pk, shape.type, owner],
        )
        if cursor.rowcount != 1 and not planted("lease_ignored"):
            raise LeaseLost(f"The lease on {shape.type} of '{shape.integration.name}' went to another worker.")


def assert_wanted(run_id: str | None) -> None:
    """Raises `LeaseLost` with the reason if the run was cancelled: then no worker's name stands on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT error_message FROM integrations_jobexecution WHERE id = %s AND lease_owner = ''", [run_id]
        )
        if cancelled := cursor.fetchone():
            raise LeaseLost(cancelled[0])


def free_dead() -> int:
    """Ends the leases of processes of this host that are no more, so that a worker that was killed holds nobody up.
    Called where a worker process starts. Returns how many processes had died."""
    host = socket.gethostname()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT lease_owner FROM integrations_synccursor WHERE lease_owner LIKE %(host)s "
            "UNION SELECT lease_owner FROM integrations_jobexecution WHERE status = 'RUNNING' "
            "AND lease_owner LIKE %(host)s",
            {"host": f"{host}:%"},
        )
        dead = [owner for (owner,) in cursor.fetchall() if not _lives(owner.removeprefix(f"{host}:").partition(":")[0])]
        cursor.execute(
            "UPDATE integrations_synccursor SET lease_owner = '', lease_until = NULL WHERE lease_owner = ANY(%s)",
            [dead],
        )
        cursor.execute(
            "UPDATE integrations_jobexecution SET lease_until = %s WHERE status = 'RUNNING' AND lease_owner = ANY(%s)",
            [ports().clock.now(), dead],
        )
    return len(dead)


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True


def release(shape: Shape, owner: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_synccursor SET lease_owner = '', lease_until = NULL WHERE integration_id = %s "
            "AND resource_type = %s AND lease_owner = %s",
            [shape.integration.pk, shape.type, owner],
        )
