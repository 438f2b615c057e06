"""The console: the admin's pages that set up, watch and resolve."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console import receivers  # noqa: F401 - connects them
