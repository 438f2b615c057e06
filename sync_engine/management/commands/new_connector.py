"""`manage.py new_connector NAME`: the folder of a new connector, working against its own twin."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

NEXT = """
It passes the contract suite at bronze or better:
  pytest tests/connectors -k {key}
Now make it {label}'s own: README.md in the folder says what to replace. Then bring the support matrix of the README
up to date (a test prints the right one) and add a line to CHANGELOG.md."""


class Command(BaseCommand):
    help = "Writes connectors/NAME and tests/connectors/NAME: a small connector that works against its own twin."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="key of the connector: lower case, digits, _")
        parser.add_argument("--label", default="", help="name for people; made from the key unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        from connectors.base.scaffold import CannotScaffold, write

        key = options["name"]
        label = options["label"] or key.replace("_", " ").title()
        if '"' in label or "\\" in label or not label.isprintable():
            raise CommandError("A label must not hold quotes, backslashes or control characters.")
        root = Path(settings.BASE_DIR)
        try:
            written = write(key, label, root / "connectors", root / "tests" / "connectors")
        except CannotScaffold as error:
            raise CommandError(str(error)) from error
        for path in written:
            self.stdout.write(f"wrote {path.relative_to(root)}")
        self.stdout.write(NEXT.format(key=key, label=label))
