"""The simulation's own database: emptied between seeds, looked at as a whole, dropped out of at a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

WIPED = (
    "conflicts_conflictresolution", "integrations_planstep", "integrations_synclog", "integrations_intent",
    "integrations_externalchange", "integrations_pendingchange", "integrations_parkedrecord",
    "integrations_unresolvedlookup", "integrations_synccursor", "integrations_integrationmapping",
    "integrations_jobexecution", "integrations_fieldmapping", "integrations_integration", "records_localchange",
    "records_task", "records_member", "jobs_boards_jobstatus", "records_organization",
)  # fmt: skip
STANDING = ("records_task", "records_member", "integrations_integrationmapping")
_UNDOES = ("ROLLBACK", "RELEASE")


class Crash(BaseException):
    """The worker dies: its memory is gone, its open transaction too; nothing more is written."""


def wipe() -> None:
    """No organization, nothing that belongs to one."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in WIPED:
            cursor.execute(f'DELETE FROM "{table}"')


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
