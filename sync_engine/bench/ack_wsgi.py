"""The application with the yardstick views beside the door for webhooks; middleware and all. Only the question whether
the connection still answers is left out, which would cost each of the yardsticks one more round trip."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
settings.ROOT_URLCONF = "sync_engine.bench.ack_views"
application = get_wsgi_application()
