"""`manage.py install_schedule`: what beat starts by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sync_engine import schedule


class Command(BaseCommand):
    help = "Files the periodic tasks that beat runs. Safe to repeat: what was changed in the console is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        schedule.install()
        for name, (_, seconds) in schedule.SCHEDULE.items():
            self.stdout.write(f"{name}: every {seconds} s")
