"""Settings of the tests: those of the project, and an app of somebody else."""

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as PROJECT_APPS

INSTALLED_APPS = [*PROJECT_APPS, "tests.testapp"]
# Tests empty the cache, which at Redis would take the queues of a running demo along.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# What tests queue must not wait at Redis for the workers of a demo.
os.environ["CELERY_CONFIG_MODULE"] = "tests.celery_settings"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
