"""`manage.py retry_failed [NAME]`: what was parked or put off is tried again by the next run."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Queues parked records, links in error and postponed pushes to be tried again by the next run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="name or id of one integration; all unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.ports import ports
        from sync_engine.running.retry import retry_failed

        for integration in self._chosen(options["name"]):
            done = retry_failed(integration, ports().clock.now())
            self.stdout.write(
                f"{integration.name}: {done.local} of ours and {done.external} of theirs that were parked, "
                f"{done.links} link(s) in error and {done.waiting} postponed push(es) are queued again. "
                + (f"Run: manage.py sync '{integration.name}'" if done.total else "Nothing to do.")
            )

    def _chosen(self, name: str | None) -> list[Any]:
        from integrations.models import Integration
        from integrations.selectors import UnknownIntegration, find_integration

        if name is None:
            return list(Integration.objects.all())
        try:
            return [find_integration(name)]
        except UnknownIntegration as error:
            raise CommandError(str(error)) from error
