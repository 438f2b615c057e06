"""What tests hand to processes of their own."""

from __future__ import annotations

from urllib.parse import quote

from django.db import connection


def database_url() -> str:
    """The test database: over its socket where it is the embedded one, over TCP where it is the machine's."""
    given = connection.settings_dict
    user = quote(str(given["USER"] or ""))
    password = f":{quote(str(given['PASSWORD']))}" if given["PASSWORD"] else ""
    host = str(given["HOST"] or "")
    options = given.get("OPTIONS", {})
    folder = host if host.startswith("/") else str(options.get("host", ""))
    if folder:
        return f"postgres://{user}{password}@/{given['NAME']}?host={quote(folder)}"
    return f"postgres://{user}{password}@{host or '127.0.0.1'}:{given['PORT'] or 5432}/{given['NAME']}"
