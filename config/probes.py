"""What process managers and load balancers ask: is the process alive, may it be sent work?

Both answer without a log-in, so neither says more than which part is away.
"""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PATIENCE = 2.0
"""Seconds that Redis may take."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Looks at nothing else: a database that is away is no reason to restart it."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything that a request needs is there, else 503 with what is wrong."""
    found = {name: look() for name, look in CHECKS.items()}
    ready = not any(found.values())
    body = {"status": "ok" if ready else "unavailable", "checks": {name: said or "ok" for name, said in found.items()}}
    return JsonResponse(body, status=200 if ready else 503)


def database() -> str:
    """What is wrong, "" if nothing is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "PostgreSQL does not answer; check DATABASE_URL and whether it runs."
    return ""


def broker() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return "Redis does not answer; check REDIS_URL and whether it runs."
    return ""


def migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return "Not known while PostgreSQL does not answer."
    return f"{missing} migrations are not applied; run manage.py migrate." if missing else ""


CHECKS: dict[str, Callable[[], str]] = {"database": database, "redis": broker, "migrations": migrations}
