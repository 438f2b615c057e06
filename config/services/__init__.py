"""Embedded PostgreSQL and Valkey, for those who bring no servers of their own.

`ensure` starts what is missing and gives the addresses. Web, worker, beat, shell and tests of one checkout
share the same two servers; they outlive the process that started them and end with
`python -m config.services stop`. When they run, `ensure` costs two local connections (under 1 ms).
"""

from __future__ import annotations

from .base import ServiceError, home, one_starter
from .postgres import Postgres
from .valkey import Valkey

__all__ = ["ServiceError", "database_url", "redis_url", "running", "stop"]

Server = Postgres | Valkey


def database_url() -> str:
    """URL of the embedded PostgreSQL, which is started if need be. Raises `ServiceError`."""
    return _ensure(Postgres(home()))


def redis_url() -> str:
    """URL of the embedded Valkey, which is started if need be. Raises `ServiceError`."""
    return _ensure(Valkey(home()))


def running() -> dict[str, str | None]:
    """Name of each server -> its URL, None if it does not run."""
    return {server.name: server.url() for server in _servers()}


def stop() -> list[str]:
    """Stops both. Returns the names of those that ran."""
    with one_starter(home()):
        return [server.name for server in _servers() if server.stop()]


def _servers() -> tuple[Server, ...]:
    return Postgres(home()), Valkey(home())


def _ensure(server: Server) -> str:
    if url := server.url():
        return url
    with one_starter(home()):
        if server.url() is None:
            server.start()
        url = server.url()
    if url is None:
        raise ServiceError(f"{server.name} started and does not answer. Its files are in {home()}.")
    return url
