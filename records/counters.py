"""How often something happened in the running window, counted for all processes in Redis (Django's cache).

When Redis does not answer it is left alone for some seconds, so that a dead server costs one wait and one line in
the log, and not one a call.
"""

from __future__ import annotations

import hashlib
import logging
import time
from typing import Any

from django.core.cache import BaseCache, cache
from django.core.cache.backends.locmem import LocMemCache

LOG = logging.getLogger(__name__)
REST = 5.0
"""Seconds that a Redis which failed is left alone."""
_down_until = 0.0
_own: BaseCache = LocMemCache("counters", {})


class Unavailable(Exception):
    """Redis does not answer; nothing was counted."""


def hit(key: str, seconds: int) -> tuple[int, float]:
    """Counts one. Returns how many there are in this window, and the seconds until the next one begins. Raises
    `Unavailable`."""
    name, left = _window(key, seconds)
    return _shared(lambda: _add(cache, name, seconds)), left


def count(key: str, seconds: int) -> tuple[int, float]:
    """As `hit`, without counting."""
    name, left = _window(key, seconds)
    return _shared(lambda: int(cache.get(name) or 0)), left


def forget(key: str, seconds: int) -> None:
    """Back to nothing."""
    _shared(lambda: cache.delete(_window(key, seconds)[0]))


def hit_here(key: str, seconds: int) -> tuple[int, float]:
    """As `hit`, for this process alone: what is left when Redis is away."""
    name, left = _window(key, seconds)
    return _add(_own, name, seconds), left


def count_here(key: str, seconds: int) -> tuple[int, float]:
    name, left = _window(key, seconds)
    return int(_own.get(name) or 0), left


def _window(key: str, seconds: int) -> tuple[str, float]:
    now = time.time()
    number = int(now // seconds)
    return f"counter:{hashlib.sha256(key.encode()).hexdigest()[:32]}:{seconds}:{number}", (number + 1) * seconds - now


def _add(where: BaseCache, name: str, seconds: int) -> int:
    where.add(name, 0, timeout=seconds + 5)
    try:
        return int(where.incr(name))
    except ValueError:  # pushed out between the two calls
        where.set(name, 1, timeout=seconds + 5)
        return 1


def _shared(call: Any) -> Any:
    from redis.exceptions import RedisError

    global _down_until
    if time.monotonic() < _down_until:
        raise Unavailable
    try:
        return call()
    except (RedisError, OSError) as problem:
        _down_until = time.monotonic() + REST
        LOG.warning("Counters are away for %s s: Redis does not answer (%s)", REST, problem)
        raise Unavailable from problem
