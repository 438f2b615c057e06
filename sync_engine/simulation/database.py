"""The simulation's own database: emptied between seeds, looked at as a whole, dropped out of at a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

_BELONGING = """
WITH RECURSIVE belonging(id) AS (
    SELECT 'records_organization'::regclass::oid
    UNION SELECT conrelid FROM pg_constraint JOIN belonging ON confrelid = belonging.id WHERE contype = 'f'
) SELECT id::regclass::text FROM belonging
"""
"""Every table that refers to an organization, however indirectly."""
UNCHECKED = ("integrations_synclog", "records_localchange")
"""Tables whose references PostgreSQL does not check."""
STANDING = ("records_task", "records_member", "integrations_integrationmapping")
_UNDOES = ("ROLLBACK", "RELEASE")


class Crash(BaseException):
    """The worker dies: its memory is gone, its open transaction too; nothing more is written."""


def wipe() -> None:
    """No organization, nothing that belongs to one. References are checked at the end, so the order is free."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BELONGING)
        for table in (*UNCHECKED, *(row[0] for row in cursor.fetchall())):
            cursor.execute(f"DELETE FROM {table}")


def standing() -> tuple[str, ...]:
    """A digest of every row that a quiet run must leave alone."""
    with connection.cursor() as cursor:
        found = []
        for table in STANDING:
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t.id), '')) FROM {table} AS t")
            found.append(cursor.fetchone()[0])
        return tuple(found)


def dropped() -> None:
    """The session of a dead worker: its transaction ends, a new one begins with nothing."""
    connection.needs_rollback = False
    connection.in_atomic_block = False
    connection.close()
    connection.connect()
    hasty()


def hasty() -> None:
    """Commits of this session need not reach the disk; every new session must be told again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


def watching(tick: Callable[[str], None]) -> Any:
    """Context manager: `tick` hears of every statement before it is sent, except of those that undo."""

    def wrapper(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(_UNDOES):
            tick("sql")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)
