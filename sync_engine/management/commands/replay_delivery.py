"""`manage.py replay_delivery ID... [--now]`: works on kept webhook deliveries once more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Reads the records of webhook deliveries again, by a worker or, with --now, in this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deliveries", nargs="+", type=int, metavar="ID")
        parser.add_argument("--now", action="store_true", help="do not wait for a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        for delivery_id in options["deliveries"]:
            self._replay(delivery_id, now=options["now"])

    def _replay(self, delivery_id: int, *, now: bool) -> None:
        from integrations.models import WebhookDelivery
        from sync_engine.webhooks.hearing import hear
        from sync_engine.webhooks.replay import ReplayRefused, replay

        delivery = WebhookDelivery.objects.filter(pk=delivery_id).first()
        if delivery is None:
            raise CommandError(f"There is no delivery {delivery_id}.")
        try:
            count = replay(delivery)
        except ReplayRefused as problem:
            raise CommandError(f"Delivery {delivery_id}: {problem}") from problem
        done = now and hear(str(delivery.integration_id))
        state = "done" if done else "queued"
        self.stdout.write(f"Delivery {delivery_id}: {count} record{'' if count == 1 else 's'} to read again, {state}.")
