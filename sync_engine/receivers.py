"""What the engine hears from below: a local change was committed."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from records.signals import local_change_written

logger = logging.getLogger(__name__)


@receiver(local_change_written, dispatch_uid="sync_engine.push_soon")
def push_soon(sender: Any, **_news: Any) -> None:
    """Real-time push after commit. The change is safe in the outbox: if the broker is away, the next
    scheduled drain finds it, so a failure here is only noted."""
    if not settings.PUSH_IN_REAL_TIME:
        return
    from kombu.exceptions import OperationalError

    from sync_engine.tasks import drain

    try:
        drain.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; the change is pushed by the next scheduled drain: %s", error)
