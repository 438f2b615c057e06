"""The database connection and the cache, as Django's settings want them."""

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
        "OPTIONS": {
            "application_name": "lockstep",
            # Django's own cursors prepare nothing all the same; the hot statements that ask for it do.
            "prepare_threshold": 5 if env.bool("PREPARED_STATEMENTS", default=True) else None,
            **settings.get("OPTIONS", {}),
        },
    }


def cache(redis_url: str) -> dict[str, Any]:
    """Redis, given up on after a second: what it holds are counters. In memory where there is no Redis to ask."""
    if not redis_url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": "lockstep",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
