"""`manage.py bench_setup`: the integrations that a benchmark syncs."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Makes the organization and the pull-only Asana integration 'bench' with 12 mapped fields, from BENCH_BASE_URL "
        "(ends in /api/1.0), BENCH_PROJECT and BENCH_TOKEN. Empties what an earlier bench left."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--integrations", type=int, default=1, help="more are named bench-2, bench-3 ...")

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.bench.stage import stage

        base_url, project = os.environ.get("BENCH_BASE_URL", ""), os.environ.get("BENCH_PROJECT", "")
        if not base_url or not project:
            raise CommandError("Set BENCH_BASE_URL (it ends in /api/1.0) and BENCH_PROJECT.")
        token = os.environ.get("BENCH_TOKEN", "sandbox-token")
        made = stage(base_url, project, token, options["integrations"])
        self.stdout.write(f"Ready: {', '.join(integration.name for integration in made)}.")
