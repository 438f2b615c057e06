"""`manage.py rotate_keys`: encrypts every stored secret with the first key of ENCRYPTION_KEY."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret anew with the first key of ENCRYPTION_KEY. Put the new key first, keep the "
        "old ones behind it, restart, run this, then remove the old ones. Exit status 1 if a secret could not be "
        "opened with any key."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        from integrations.rotation import rotate

        done = rotate()
        self.stdout.write(f"{done.rotated} secret(s) are now encrypted with the first key of ENCRYPTION_KEY.")
        if done.moved:
            self.stdout.write(f"{done.moved} changed meanwhile and were left; they have the first key already.")
        for name in done.locked:
            self.stderr.write(
                f"No key of ENCRYPTION_KEY opens the {name}: it was left as it is. Add the key that it was encrypted "
                "with and run this again, or enter the secret anew."
            )
        if done.locked:
            sys.exit(1)
