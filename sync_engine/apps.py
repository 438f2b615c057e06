from django.apps import AppConfig


class SyncEngineConfig(AppConfig):
    name = "sync_engine"

    def ready(self) -> None:
        from sync_engine import receivers  # noqa: F401 - connects them
