"""Rules that act: when something happens, then sync, notify or call."""

from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "automations"

    def ready(self) -> None:
        from automations import receivers  # noqa: F401 - connects them
        from automations.watching import watched
        from records import watching

        watching.register(watched)
