"""Production does not run on the secrets that everybody can read in this repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

DEMO_MARK = "demo-only"
SHORTEST = 16
"""Characters: what is shorter can be guessed."""


def demo_secrets() -> list[str]:
    """Names of the environment variables that still have their demo value, or one that is as good as none."""
    secrets = {
        "SECRET_KEY": [settings.SECRET_KEY],
        "ENCRYPTION_KEY": settings.ENCRYPTION_KEYS,
        "CRON_SECRET": [settings.CRON_SECRET],
    }
    return [name for name, values in secrets.items() if not values or any(_is_demo(value) for value in values)]


def refuse_demo_secrets() -> None:
    """Called by every server process (web, worker, beat) before it serves. Raises `ImproperlyConfigured`."""
    if not settings.DEBUG and not settings.DEMO and (names := demo_secrets()):
        raise ImproperlyConfigured(_sentence(names))


def check_secrets(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """For `manage.py check --deploy`."""
    return [Error(_sentence(names), id="lockstep.E001")] if (names := demo_secrets()) else []


def _is_demo(value: str) -> bool:
    return len(value) < SHORTEST or value.startswith(DEMO_MARK)


def _sentence(names: list[str]) -> str:
    return (
        f"Set {', '.join(names)} in the environment or in .env: production does not start with demo secrets "
        f"or with any shorter than {SHORTEST} characters. To try Lockstep without, set DEMO=1."
    )
