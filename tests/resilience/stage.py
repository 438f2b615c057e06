"""Run as a process of its own, against a database of its own: an organization whose contacts live in the twin at the
given address. Prints what a test must know of it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import django

django.setup()

from integrations.enums import IntegrationStatus  # noqa: E402 - Django first
from sync_engine.running.timetable import install  # noqa: E402
from tests.webhooks.scene import Hooked  # noqa: E402


@dataclass
class Address:
    """As much of a server as staging needs."""

    url: str

    def url_of(self, _slug: str) -> str:
        return self.url


def main() -> None:
    hooked = Hooked(None, Address(sys.argv[1]))  # type: ignore[arg-type]
    assert not hooked.sync().failed
    assert hooked.integration.status == IntegrationStatus.ACTIVE
    install()
    sys.stdout.write(
        json.dumps({"url": hooked.url, "secret": hooked.secret, "organization": str(hooked.organization.pk)})
    )


if __name__ == "__main__":
    main()
