"""Rules that act: when something happens, then sync, notify or call."""

from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "automations"
