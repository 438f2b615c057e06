"""Rules that wait for a time: each due time is noted once, and read as one happening or one per record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from automations.document import read
from automations.errors import DocumentError
from automations.gathering import named, subject_of
from automations.models import Notice, Rule
from automations.news import News
from records import catalog, selectors
from records.values import plain_datetime
from sync_engine.ports import ports

PAGE = 500
MOST_RECORDS = 20_000
"""Records that one due time looks at; a rule over more than that should be narrowed by its own field."""


def note_due() -> int:
    """Files a notice for every scheduled rule whose time has come since it was last looked at. Times that passed
    while nobody was running count once. Returns how many."""
    now = ports().clock.now()
    return sum(_note(rule, now) for rule in Rule.objects.filter(event="schedule", enabled=True))


def _note(rule: Rule, now: datetime) -> bool:
    try:
        times = read(rule.document).trigger.times
    except DocumentError:
        return False  # the reader switches it off and says why
    assert times is not None
    due = times.latest(now)
    since = rule.last_due_at or rule.updated_at
    if due <= since:
        return False
    with transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(last_due_at=due)
        notice = Notice(
            organization_id=rule.organization_id,
            rule=rule,
            event="schedule",
            key=f"due:{rule.pk}:{int(due.timestamp())}",
            subject=f"{due:%Y-%m-%d %H:%M} UTC",
            values={"due": plain_datetime(due)},
            created_at=now,
        )
        return bool(Notice.objects.bulk_create([notice], ignore_conflicts=True))


def news_of_due(news: News) -> Iterator[News]:
    """The due time itself, or one piece of news for each living record of the rule's type."""
    rule = Rule.objects.filter(pk=news.only).first()
    if rule is None or not rule.resource_type:
        yield news
        return
    sync_type = catalog.get(rule.resource_type)
    after: str | None = None
    for _ in range(MOST_RECORDS // PAGE):
        page = selectors.iterate(sync_type, news.organization_id, sync_type.field_names, after, PAGE)
        for entry in page:
            if not entry.deleted:
                values = named(sync_type.field_names, entry.id, entry)
                yield replace(
                    news,
                    key=f"{news.key}:{entry.id}",
                    resource_type=sync_type.key,
                    record_id=entry.id,
                    subject=subject_of(sync_type.key, values),
                    values=values,
                )
        if len(page) < PAGE:
            return
        after = page[-1].id
