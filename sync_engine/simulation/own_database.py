"""The simulation's database beside the project's: `<name>_simulation`, made and migrated on demand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from sync_engine.simulation.database import hasty

_held: list[Any] = []
"""Until the process ends."""


def use() -> str:
    """Points this process to the simulation's database. Returns its name."""
    live = str(connection.settings_dict["NAME"])
    name = live if live.endswith("_simulation") else f"{live}_simulation"
    if name != live:
        _make(name)
        connection.close()
        connections["default"].settings_dict["NAME"] = name
    _held.append(reserve())
    call_command("migrate", verbosity=0, interactive=False)
    fast()
    return name


def reserve() -> Any:
    """A connection that keeps other simulations off this database until it is closed: each empties all tables before
    every world. Raises `CommandError` where another is at it."""
    mine = connection.get_new_connection(connection.get_connection_params())
    if mine.execute("SELECT pg_try_advisory_lock(hashtext('lockstep simulation'))").fetchone()[0]:
        return mine
    mine.close()
    raise CommandError("Another simulation is using this database. Wait for it, or set DATABASE_URL to another one.")


def fast() -> None:
    """Commits need not reach the disk here; nothing is announced to a broker."""
    settings.PUSH_IN_REAL_TIME = False
    hasty()


def _make(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
