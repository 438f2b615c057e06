"""Reads the news once and files what follows: a firing per rule and happening, a message per webhook and event.

One worker reads at a time, in the order of the outbox. Firings, messages and the mark on what was read are one
transaction, so a killed worker neither loses nor repeats any. Acting and sending come later, from those rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from automations import gathering, scheduling
from automations.filing import Files
from automations.models import Notice
from automations.news import News
from records.models import LocalChange
from sync_engine.ports import ports

BATCH = 500
_LOCK = 7_021_001
"""Number of the advisory lock that the reader holds."""


def read() -> int:
    """Files everything that waits. Returns how many changes and notices were read. Safe to call anywhere, any time."""
    total = 0
    while True:
        taken = _read_some()
        if taken is None:
            return total
        total += taken
        # Somebody may have been turned away while we held the lock; what they came for is committed by now.
        if not taken and not _waiting():
            return total


def _read_some() -> int | None:
    """How many were read; None if another worker is at it."""
    ports().effect("automations read")
    with transaction.atomic():
        if not _locked():
            return None
        changes = list(LocalChange.objects.filter(watched=True).order_by("id")[:BATCH])
        notices = list(Notice.objects.filter(read_at=None).order_by("id")[:BATCH])
        files = Files(ports().clock.now())
        for news in _all_news(changes, notices):
            files.take(news)
        files.write()
        LocalChange.objects.filter(pk__in=[change.pk for change in changes]).update(watched=False)
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(read_at=files.now)
    return len(changes) + len(notices)


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        row: Sequence[Any] = cursor.fetchone()
        return bool(row[0])


def _waiting() -> bool:
    return LocalChange.objects.filter(watched=True).exists() or Notice.objects.filter(read_at=None).exists()


def _all_news(changes: Sequence[LocalChange], notices: Iterable[Notice]) -> Iterator[News]:
    yield from gathering.news_of(changes)
    for news in gathering.news_of_notices(list(notices)):
        if news.event == "schedule":
            yield from scheduling.news_of_due(news)
        else:
            yield news
