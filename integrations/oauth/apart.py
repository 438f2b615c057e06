"""Work on a database connection of its own, committed when it returns.

A provider that rotates refresh tokens spends the old one when it answers: the new one must be on disk although
the caller's transaction may roll back. So refreshing never shares the caller's connection. It happens about once
an hour, so a thread and a connection for it cost nothing that counts.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, transaction

from integrations.log_context import carried

T = TypeVar("T")
PATIENCE_MS = 20_000
"""How long a worker waits for another one's refresh."""


def apart(work: Callable[[], T]) -> T:
    """Runs `work` in a thread of its own, outside of any transaction of the caller; its errors are raised here."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1, thread_name_prefix="tokens") as one:
        return one.submit(carried(run)).result()


def limit_waiting(milliseconds: int = PATIENCE_MS) -> None:
    """For the rest of the transaction: a row that stays locked raises `OperationalError`."""
    assert transaction.get_connection().in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])
