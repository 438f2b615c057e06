"""Time that people gave."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .member import Member
from .synced_record import SyncedRecord
from .task import Task


class ParticipationLog(SyncedRecord):
    """A time entry: an interval (`started_at`, `ended_at`), or a day with minutes."""

    member = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="participation_logs"
    )
    task = models.ForeignKey(
        Task, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="participation_logs"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    description = models.TextField(blank=True, default="")
    billable = models.BooleanField(default=False)
    project = models.CharField(max_length=255, blank=True, default="")
    external_source = models.CharField(max_length=50, blank=True, default="")
    external_id = models.CharField(max_length=255, blank=True, default="")

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index(fields=("member",), name="records_log_member", condition=Q(member__isnull=False)),
            models.Index(fields=("task",), name="records_log_task", condition=Q(task__isnull=False)),
        )

    def __str__(self) -> str:
        return self.description or str(self.id)
