"""`manage.py sandbox --port P [--provider X]... [--seed-demo]`: the twins of providers over HTTP."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import connectors
from connectors.base.sandbox.server import serve, twin_of


class Command(BaseCommand):
    help = "Serves stateful twins of the providers: try everything without an account."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own shape

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--provider", action="append", metavar="KEY", help="May be repeated; all unless given.")
        parser.add_argument("--seed-demo", nargs="?", type=int, const=1000, metavar="N", help="Fill with demo data.")
        parser.add_argument("--latency-ms", type=float, default=0, help="Added to every answer.")
        parser.add_argument("--rate-limit", type=int, help="Calls a minute and token; off unless given.")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = {"latency_ms": options["latency_ms"], "rate_limit": options["rate_limit"]}
        try:
            twins = [twin_of(key, settings=settings) for key in options["provider"] or with_sandbox()]
        except LookupError as error:
            raise CommandError(str(error)) from error
        for twin in twins:
            if options["seed_demo"]:
                twin.seed_demo(options["seed_demo"])
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        server = serve(options["port"], twins)
        for twin in twins:
            self.stdout.write(f"{twin.slug}: {server.url_of(twin.slug)}")
        self.stdout.flush()
        try:
            signal.sigwait(ends)
        finally:
            server.stop()


def with_sandbox() -> list[str]:
    """Keys of the connectors that bring a twin."""
    root = Path(connectors.__file__).parent
    places = {path.parent.name for path in root.glob("*/sandbox.py")} | {
        path.parent.parent.name for path in root.glob("*/sandbox/__init__.py")
    }
    return sorted(places - {"base"})
