"""Celery's settings in tests: those of the project, and a queue that ends with the process."""

from config.celery_settings import *  # noqa: F403

broker_url = "memory://"
