"""`manage.py bench_dirty N`: N local edits for the next push."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Edits N local tasks of the integration 'bench' as a person would, and opens its push."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        from integrations.models import Integration
        from sync_engine.bench.stage import dirty

        try:
            edited = dirty(options["count"])
        except Integration.DoesNotExist:
            raise CommandError("There is no integration 'bench'. Run bench_setup first.") from None
        self.stdout.write(f"{edited} tasks edited.")
        if edited < options["count"]:
            raise CommandError(f"There are only {edited} tasks. Run sync bench first.")
