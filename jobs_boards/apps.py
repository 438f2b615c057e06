"""Jobs and boards: the organization's jobs, and boards whose items mirror them."""

from django.apps import AppConfig


class JobsBoardsConfig(AppConfig):
    name = "jobs_boards"
    verbose_name = "Jobs and boards"

    def ready(self) -> None:
        from records import catalog

        from . import audited, receivers, sync_types  # noqa: F401 - connects them

        for sync_type in sync_types.ALL:
            catalog.register(sync_type)
