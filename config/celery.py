"""What the workers and beat run: `celery -A config.celery worker`."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger(__name__)
app = Celery("lockstep")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()


@worker_init.connect(dispatch_uid="config.refuse_demo_secrets.worker")
@beat_init.connect(dispatch_uid="config.refuse_demo_secrets.beat")
def _refuse_demo_secrets(**_: Any) -> None:
    from config.secrets import refuse_demo_secrets

    refuse_demo_secrets()


@worker_process_init.connect(dispatch_uid="config.free_dead_leases")
def _free_dead_leases(**_: Any) -> None:
    """A worker that was killed left its leases behind: its successor need not wait until they run out."""
    from django.db import DatabaseError, connection

    from sync_engine.running.leases import free_dead

    try:
        free_dead()
    except DatabaseError as problem:
        logger.warning("Leases of dead workers run out by themselves: %s", problem)
    finally:
        connection.close()
