from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from django.core.checks import register

        from .metrics import check_metrics
        from .secrets import check_secrets

        register(check_secrets, deploy=True)
        register(check_metrics)
