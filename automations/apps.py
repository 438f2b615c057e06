"""Rules that act: when something happens, then sync, notify or call."""

from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "automations"

    def ready(self) -> None:
        from automations import audited, receivers  # noqa: F401 - connects them
        from automations.watching import watched
        from records import watching
        from sync_engine.upkeep import pruning

        watching.register(watched)
        pruning.also("rule firings", "automations_rulefiring", "finished_at < %(before)s")
        pruning.also("webhooks sent", "automations_hookdelivery", "created_at < %(before)s AND status <> 'WAITING'")
        pruning.also("notices", "automations_notice", "read_at < %(before)s")
