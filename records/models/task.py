"""Work to be done."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .member import Member
from .synced_record import SyncedRecord


class Task(SyncedRecord):
    """`due_date` is a day, `due_at` an instant: a tool has the one or the other."""

    class Status(models.TextChoices):
        TODO = "TODO"
        IN_PROGRESS = "IN_PROGRESS"
        BLOCKED = "BLOCKED"
        IN_REVIEW = "IN_REVIEW"
        COMPLETED = "COMPLETED"
        CANCELLED = "CANCELLED"

    class Priority(models.TextChoices):
        LOW = "LOW"
        MEDIUM = "MEDIUM"
        HIGH = "HIGH"
        URGENT = "URGENT"

    title = models.CharField(max_length=1024)
    description = models.TextField(blank=True, default="")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.TODO)
    priority = models.CharField(max_length=10, choices=Priority.choices, blank=True, default="")
    start_date = models.DateField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="tasks"
    )
    project = models.CharField(max_length=255, blank=True, default="")
    section = models.CharField(max_length=255, blank=True, default="")
    labels = ArrayField(models.TextField(), blank=True, default=list)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="subtasks"
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    external_metadata = models.JSONField(null=True, blank=True)

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index(fields=("assignee",), name="records_task_assignee", condition=Q(assignee__isnull=False)),
            models.Index(fields=("parent",), name="records_task_parent", condition=Q(parent__isnull=False)),
        )

    def __str__(self) -> str:
        return self.title
