"""`manage.py simulate_hub --seeds N`: random hubs of jobs, items, Asana's tasks and rules, then the laws; in a database
of its own."""

from __future__ import annotations

import logging
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Plays seeded hubs: people at jobs, items and Asana's tasks, rules, faults and crashes; then checks the "
        "laws at rest. Exit status 1 if a law broke, or if the planted bug was not found."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        from automations.planted import BUGS
        from automations.simulation.simulate import SEEDS, STEPS

        parser.add_argument("--seeds", type=int, default=SEEDS)
        parser.add_argument("--start", type=int, default=0, help="first seed")
        parser.add_argument("--steps", type=int, default=STEPS, help="steps of each world")
        parser.add_argument("--bug", choices=sorted(BUGS), default="", help="plant this bug; ends where it shows")
        parser.add_argument("--trace", action="store_true", help="print what happened in each world")

    def handle(self, *args: Any, **options: Any) -> None:
        from automations.simulation.simulate import play
        from sync_engine.simulation import own_database

        own_database.use()
        for name in ("sync_engine", "automations"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # thousands of runs fail on purpose
        started, broken, seed = time.perf_counter(), 0, options["start"]
        for seed in range(options["start"], options["start"] + options["seeds"]):
            verdict = play(seed, count=options["steps"], bug=options["bug"])
            broken += bool(verdict.broken)
            if verdict.broken or options["trace"]:
                for line in verdict.trace:
                    self.stdout.write(f"  {line}")
                self.stdout.write(f"seed {seed}: {verdict.broken or 'all laws hold'} ({verdict.digest})")
            if broken and options["bug"]:
                break
        seconds = time.perf_counter() - started
        self.stdout.write(f"{seed + 1 - options['start']} seeds in {seconds:.0f} s, {broken} broke a law.")
        if bool(broken) != bool(options["bug"]):
            sys.exit(1)
