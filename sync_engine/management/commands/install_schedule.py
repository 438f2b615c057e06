"""`manage.py install_schedule`: what beat starts by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Files the periodic tasks that beat runs. Safe to repeat: what was changed in the console is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.running.timetable import TIMETABLE, install

        fresh = install()
        for line in TIMETABLE:
            when = f"every {line.when} s" if isinstance(line.when, int) else line.when
            kept = "" if line.name in fresh else "  (was there, left as it is)"
            self.stdout.write(f"{line.name:<22} {when:<14} {line.does}{kept}")
