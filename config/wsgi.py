"""What the web server serves: `granian --interface wsgi config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.secrets import refuse_demo_secrets  # noqa: E402  settings must be there first

refuse_demo_secrets()
