"""Tells the workers that an integration has something to hear: once, however many deliveries arrive meanwhile.

The sender does not wait for it. A thread tells, and lives as long as there is somebody to tell of; a process that ends
lets it finish. What a process that died did not tell is found by the next scheduled look.
"""

from __future__ import annotations

import logging
import threading
from functools import lru_cache
from typing import Any

from django.conf import settings

from integrations.models import Integration

logger = logging.getLogger(__name__)
LIFE = 10
"""Seconds after which a call that no worker took up is made again."""
PAUSE = 0.025
"""Seconds between two rounds: so long, deliveries of one integration share a call to Redis."""


def announce(integration: Integration) -> None:
    """To be called after the commit. What waits is safe in the database, whatever becomes of the call."""
    if settings.PUSH_IN_REAL_TIME:
        _teller.tell(str(integration.pk))


def taken_up(integration_id: str) -> None:
    """From here on a new delivery calls a worker again."""
    from redis.exceptions import RedisError

    try:
        _redis().delete(_key(integration_id))
    except RedisError as error:
        logger.warning("The broker is away: %s", error)


class _Teller:
    """A round begins after everything that was handed in before it, so nothing handed in goes untold."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._thread: threading.Thread | None = None
        self._pause = threading.Event()  # never set

    def tell(self, integration_id: str) -> None:
        with self._lock:
            self._waiting.add(integration_id)
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._work, name="webhook announcements")
            self._thread.start()

    def settle(self) -> None:
        """Waits until all that was handed in is told."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while waiting := self._next():
            for integration_id in waiting:
                _call(integration_id)
            self._pause.wait(PAUSE)

    def _next(self) -> set[str]:
        with self._lock:
            waiting, self._waiting = self._waiting, set()
            if not waiting:
                self._thread = None
            return waiting


_teller = _Teller()


def settle() -> None:
    """Waits until what this process announced is told."""
    _teller.settle()


def _call(integration_id: str) -> None:
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    from sync_engine.tasks import hear

    try:
        if _redis().set(_key(integration_id), 1, nx=True, ex=LIFE):
            hear.apply_async([integration_id], retry=False)
    except (OperationalError, RedisError) as error:
        logger.warning("The broker is away; the webhook is worked on by the next scheduled look: %s", error)
    except Exception:
        logger.exception("Nobody could be told of a webhook; it is worked on by the next scheduled look.")


def _key(integration_id: str) -> str:
    return f"lockstep:hear:{integration_id}"


@lru_cache(maxsize=1)
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)
