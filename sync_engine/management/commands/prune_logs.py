"""`manage.py prune_logs [--days 90]`: removes old log entries, deliveries, outbox rows and plan steps."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Removes log entries, distributed outbox rows and steps of finished plans that are older than --days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=settings.LOG_RETENTION_DAYS)
        parser.add_argument("--batch", type=int, default=settings.LOG_CLEANUP_BATCH, help="rows removed at once")

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.ports import ports
        from sync_engine.upkeep.pruning import prune

        if options["days"] < 1 or options["batch"] < 1:
            raise CommandError("--days and --batch must be 1 or more.")
        gone = prune(ports().clock.now() - timedelta(days=options["days"]), options["batch"])
        counted = ", ".join(f"{count} {name}" for name, count in gone.items())
        self.stdout.write(f"Older than {options['days']} days and removed: {counted or 'nothing'}.")
