"""The simulation's database beside the project's: `<name>_simulation`, made and migrated on demand."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from sync_engine.simulation.database import hasty


def use() -> str:
    """Points this process to the simulation's database. Returns its name."""
    live = str(connection.settings_dict["NAME"])
    name = live if live.endswith("_simulation") else f"{live}_simulation"
    if name != live:
        _make(name)
        connection.close()
        connections["default"].settings_dict["NAME"] = name
    call_command("migrate", verbosity=0, interactive=False)
    fast()
    return name


def fast() -> None:
    """Commits need not reach the disk here; nothing is announced to a broker."""
    settings.PUSH_IN_REAL_TIME = False
    hasty()


def _make(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
