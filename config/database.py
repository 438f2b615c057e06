"""The database connection, as Django's settings want it."""

from __future__ import annotations

from typing import Any

import environ

from config.services import database_url


def database(env: environ.Env, *, offline: bool) -> dict[str, Any]:
    """`DATABASE_URL`, else the embedded PostgreSQL, which is started unless `offline`.
    Raises `ImproperlyConfigured` for anything but PostgreSQL."""
    from django.core.exceptions import ImproperlyConfigured

    url = env.str("DATABASE_URL", default="") or ("postgres:///lockstep" if offline else database_url())
    settings: dict[str, Any] = env.db_url_config(url)
    if settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("Lockstep runs on PostgreSQL only: DATABASE_URL must begin with postgres://")
    return settings | {
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "lockstep", **settings.get("OPTIONS", {})},
    }
