"""The web server of the product with the yardstick views beside the door for webhooks; middleware and all."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "sync_engine.bench.ack_views"
application = get_wsgi_application()
