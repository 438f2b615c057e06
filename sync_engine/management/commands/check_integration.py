"""`manage.py check_integration NAME`: is it well, and if not, what is to be done?"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Tests the connection of an integration and shows what waits, what is parked and why. Exit status 1 if ill."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name or id of the integration")

    def handle(self, *args: Any, **options: Any) -> None:
        from integrations.selectors import UnknownIntegration, find_integration
        from sync_engine.insight.checkup import check

        try:
            found = check(find_integration(options["name"]))
        except UnknownIntegration as error:
            raise CommandError(str(error)) from error
        for what, sentence in found.facts:
            self.stdout.write(f"{what}: {sentence}")
        for sentence in found.failures:
            self.stderr.write(self.style.ERROR(sentence))
        if found.failures:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("All is well."))
