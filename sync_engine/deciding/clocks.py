"""The provider's time against ours: stamps are compared in one time, whatever the machines' clocks say."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.base.connector import Connector

NOISE = timedelta(seconds=5)
"""Less than this is no skew: a provider's clock is known to the second, as of an answer that took its time."""


def in_our_time(connector: Connector, stamp: datetime | None) -> datetime | None:
    """A provider's stamp as our clock would have said it."""
    client = vars(connector).get("client")
    skew: timedelta = getattr(client, "skew", timedelta(0))
    return stamp if stamp is None or abs(skew) < NOISE else stamp - skew
