"""`manage.py simulate --seeds N`: random worlds, then the laws; in a database of its own."""

from __future__ import annotations

import logging
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

SAVED = 50
"""The report is written after so many seeds, so that a long run that is stopped leaves one."""


class Command(BaseCommand):
    help = (
        "Plays seeded worlds of edits, faults and crashes on the real engine and checks the laws at rest. "
        "Exit status 1 if a law broke, or if a planted bug was not found."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        from sync_engine.planted import BUGS
        from sync_engine.simulation.simulate import SEEDS

        parser.add_argument("--seeds", type=int, default=SEEDS)
        parser.add_argument("--start", type=int, default=0, help="first seed")
        parser.add_argument("--steps", type=int, default=25, help="steps of each world")
        parser.add_argument("--bug", choices=sorted(BUGS), help="plant this bug; ends at the first seed that finds it")
        parser.add_argument("--bugs", action="store_true", help="hunt all planted bugs, too")
        parser.add_argument("--trace", action="store_true", help="print what happened in each world")
        parser.add_argument("--report", metavar="FILE", help="write a report in Markdown")

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.planted import BUGS
        from sync_engine.simulation import hunt, own_database, report
        from sync_engine.simulation.simulate import Verdict, play

        own_database.use()
        logging.getLogger("sync_engine").setLevel(logging.CRITICAL + 1)  # thousands of runs fail on purpose
        if options["bug"]:
            found = hunt.hunt(options["bug"])
            after = f"found after {found.seeds} seeds: {found.law}" if found.seeds else "NOT FOUND"
            self.stdout.write(f"{found.bug}: {after}")
            sys.exit(0 if found.seeds else 1)
        started = time.perf_counter()
        verdicts: list[Verdict] = []
        hunts: list[hunt.Hunt] = []

        def write() -> None:
            if options["report"]:
                seconds = time.perf_counter() - started
                page = report.markdown(verdicts, hunts, steps=options["steps"], seconds=seconds)
                Path(options["report"]).write_text(page)

        for seed in range(options["start"], options["start"] + options["seeds"]):
            verdict = play(seed, count=options["steps"])
            verdicts.append(verdict)
            if verdict.broken or options["trace"]:
                self._tell(verdict)
            verdict.trace = []
            if len(verdicts) % SAVED == 0:
                write()
        seconds = time.perf_counter() - started
        hunts = [hunt.hunt(name) for name in BUGS] if options["bugs"] else []
        write()
        broken = sum(bool(one.broken) for one in verdicts)
        self.stdout.write(f"{len(verdicts)} seeds in {seconds:.0f} s, {broken} broke a law.")
        if broken or any(not one.seeds for one in hunts):
            sys.exit(1)

    def _tell(self, verdict: Any) -> None:
        for line in verdict.trace:
            self.stdout.write(f"  {line}")
        self.stdout.write(f"seed {verdict.seed}: {verdict.broken or 'all laws hold'} ({verdict.digest})")
        self.stdout.flush()
