"""App of the organization's own records."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "records"

    def ready(self) -> None:
        from . import audited, catalog, sync_types  # noqa: F401 - connects them

        for sync_type in sync_types.ALL:
            catalog.register(sync_type)
