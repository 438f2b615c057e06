from pathlib import Path

from django.apps import AppConfig, apps


class ConnectorsConfig(AppConfig):
    name = "connectors"
    verbose_name = "Connectors"

    def ready(self) -> None:
        """Names what exists and imports none of it; `connectors.base.registry` says why."""
        from .base.registry import offer_apps, offer_folders

        offer_folders(Path(self.path), self.name)
        offer_apps(each.name for each in apps.get_app_configs() if each.name != self.name)
