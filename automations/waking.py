"""Calls a worker as soon as there is something to do. What waits is safe in the database: if the broker is away, the
next tick finds it."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)


def read_soon() -> None:
    from automations.tasks import read

    call(read)


def call(task: Any, *arguments: Any) -> None:
    """Queues a task unless everything is left to the next batch (`PUSH_IN_REAL_TIME`)."""
    if not settings.PUSH_IN_REAL_TIME:
        return
    from kombu.exceptions import OperationalError

    try:
        task.apply_async(list(arguments), retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; this is done at the next tick: %s", error)
