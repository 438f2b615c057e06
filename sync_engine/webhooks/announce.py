"""Tells the workers that an integration has something to hear: once, however many deliveries arrive meanwhile."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from django.conf import settings

from integrations.models import Integration

logger = logging.getLogger(__name__)
LIFE = 10
"""Seconds after which a call that no worker took up is made again."""


def announce(integration: Integration) -> None:
    """What waits is safe in the database: if the broker is away, the next scheduled look finds it."""
    if not settings.PUSH_IN_REAL_TIME:
        return
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    from sync_engine.tasks import hear

    try:
        if _redis().set(_key(str(integration.pk)), 1, nx=True, ex=LIFE):
            hear.apply_async([str(integration.pk)], retry=False)
    except (OperationalError, RedisError) as error:
        logger.warning("The broker is away; the webhook is worked on by the next scheduled look: %s", error)


def taken_up(integration_id: str) -> None:
    """From here on a new delivery calls a worker again."""
    from redis.exceptions import RedisError

    try:
        _redis().delete(_key(integration_id))
    except RedisError as error:
        logger.warning("The broker is away: %s", error)


def _key(integration_id: str) -> str:
    return f"lockstep:hear:{integration_id}"


@lru_cache(maxsize=1)
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)
