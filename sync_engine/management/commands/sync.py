"""`manage.py sync NAME`: one integration now, in this process."""

from __future__ import annotations

import gc
import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Syncs one integration now. Exit status: 0 done, 1 failed records or an error, or approval needed, "
        "2 a dry run that would change something."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="name or id of the integration")
        parser.add_argument("--all", action="store_true", help="every active integration, one after the other")
        parser.add_argument("--direction", choices=("pull", "push", "both"), default="both")
        parser.add_argument("--resource", action="append", default=[], help="resource type, may be repeated")
        parser.add_argument("--item", action="append", default=[], help="id of a local record, may be repeated")
        parser.add_argument("--full", action="store_true", help="read everything and compare everything")
        parser.add_argument("--dry-run", action="store_true", help="file a plan, write nothing")
        parser.add_argument("--apply", metavar="PLAN", help="carry out exactly this plan")
        parser.add_argument("--approve-deletes", action="store_true", help="the number of deletes was looked at")
        parser.add_argument("--wait", type=float, default=30.0, help="seconds to wait for a run that is under way")
        parser.add_argument("--json", action="store_true", help="one JSON object per run, the sum as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        from sync_engine.running.reports import as_json, exit_status, in_words

        started = time.perf_counter()
        _calm_collector()
        results = [self._run(integration, options) for integration in self._chosen(options)]
        for result in results:
            self.stdout.write(json.dumps(as_json(result)) if options["json"] else in_words(result))
        if options["json"]:
            records = sum(result.counters["records"] + result.counters["pushed"] for result in results)
            work = round(time.perf_counter() - started, 4)
            status = exit_status(results)
            self.stdout.write(json.dumps({"records": records, "work_s": work, "exit": status}))
        if status := exit_status(results):
            sys.exit(status)

    def _chosen(self, options: dict[str, Any]) -> list[Any]:
        from integrations.enums import IntegrationStatus
        from integrations.models import Integration
        from integrations.selectors import UnknownIntegration, find_integration

        if options["all"]:
            return list(Integration.objects.filter(status__in=(IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED)))
        if not options["name"]:
            raise CommandError("Name an integration, or give --all.")
        try:
            return [find_integration(options["name"])]
        except UnknownIntegration as error:
            raise CommandError(str(error)) from error

    def _run(self, integration: Any, options: dict[str, Any]) -> Any:
        from sync_engine.running.reports import ProgressLine
        from sync_engine.running.runs import Options, execute

        wanted = Options(
            direction=options["direction"],
            resource_types=tuple(options["resource"]),
            items=tuple(options["item"]),
            full=options["full"],
            dry_run=options["dry_run"],
            plan=options["apply"],
            approve_deletes=options["approve_deletes"],
            patience=options["wait"],
            cause="command line",
        )
        line = ProgressLine(self.stderr, enabled=self.stderr.isatty() and not options["json"])
        result = execute(integration, wanted, progress=line.show)
        line.close()
        return result


def _calm_collector() -> None:
    """Records come and go in batches and form no cycles: looking at all of them again and again finds nothing.
    What the start-up made stays for good and is not looked at any more."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
