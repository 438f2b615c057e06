"""What jobs and boards hear from below."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import receiver

from records.models import Organization
from records.signals import local_change_written

from .services import seed_statuses

_NAME_ACTORS = """
    UPDATE jobs_boards_jobstatechange AS change
    SET origin_kind = source.origin_kind, origin_id = source.origin_id, actor = source.actor
    FROM records_localchange AS source
    WHERE change.organization_id = %s AND change.origin_kind = '' AND source.resource_type = 'job'
      AND source.record_id = change.job_id AND source.created_at = change.changed_at
"""


@receiver(post_save, sender=Organization, dispatch_uid="jobs_boards.seed_statuses")
def seed(sender: Any, instance: Organization, created: bool, raw: bool = False, **_news: Any) -> None:
    """A new organization begins with the nine states."""
    if created and not raw:
        seed_statuses(instance)


@receiver(local_change_written, dispatch_uid="jobs_boards.name_actors")
def name_actors(sender: Any, organization_id: str, resource_types: frozenset[str], **_news: Any) -> None:
    """A state change is noted by the database, which does not know who wrote; the outbox does. Both rows carry the
    moment of the write."""
    if "job" in resource_types:
        with connection.cursor() as cursor:
            cursor.execute(_NAME_ACTORS, [organization_id])
