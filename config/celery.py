"""What the workers and beat run: `celery -A config.celery worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lockstep")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()


@worker_init.connect(dispatch_uid="config.refuse_demo_secrets.worker")
@beat_init.connect(dispatch_uid="config.refuse_demo_secrets.beat")
def _refuse_demo_secrets(**_: Any) -> None:
    from config.secrets import refuse_demo_secrets

    refuse_demo_secrets()
