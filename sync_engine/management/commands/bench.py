"""`manage.py bench`: every yardstick of speed against its own floor, in one run."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

GROUPS = ("large", "latency", "small", "memory", "pushes", "compare", "django", "acks", "freshness", "boards", "pages")


class Command(BaseCommand):
    help = (
        "Measures first import, rescan, small runs, memory, pushes and compare against hand-written minima in the same "
        "run, and the pages of the console, and prints a table. Uses the database of the settings; removes only what "
        "an earlier bench left there."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--n", type=int, default=100_000, help="records of the large measurements")
        parser.add_argument("--small", type=int, default=10_000, help="records of the small ones")
        parser.add_argument("--pushes", type=int, default=1_000)
        parser.add_argument("--huge", type=int, default=0, help="also a first import of so many, e.g. 1000000")
        parser.add_argument("--acks", type=int, default=1_500, help="webhooks in a round")
        parser.add_argument("--json", metavar="FILE", help="write the figures there too")
        parser.add_argument("--only", action="append", default=[], choices=GROUPS, help="some of them")

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.bench import table
        from sync_engine.bench.measure import Failed
        from sync_engine.bench.yardsticks import Bench

        bench = Bench(options["n"], options["small"], options["pushes"], options["huge"], options["acks"])
        if bench.pushes > bench.small:
            raise CommandError("There are more pushes than small records.")
        lines = []
        self.stdout.write(table.HEAD)
        try:
            for line in bench.lines(frozenset(options["only"])):
                lines.append(line)
                self.stdout.write(table.as_text(line))
        except Failed as problem:
            raise CommandError(str(problem)) from problem
        finally:
            if options["json"]:
                Path(options["json"]).write_text(json.dumps(table.as_json(lines, bench.n), indent=2) + "\n")
