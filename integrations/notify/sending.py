"""Calls a worker for messages that were just written down."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


def soon() -> None:
    """The rows are safe: if the broker is away, the next scheduled look finds them."""
    from kombu.exceptions import OperationalError

    from integrations.tasks import deliver_notifications

    try:
        deliver_notifications.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; messages go out with the next scheduled look: %s", error)
