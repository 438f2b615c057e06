"""The states that jobs go through."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from records.models import SyncedRecord

from .colors import Color


class JobStatus(SyncedRecord):
    """One state, in the order of `position`. Jobs hold its name. A state that a tool brings in and nobody has
    named yet is filed by the database itself, at the end of the list (migration 0002)."""

    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    color = models.CharField(max_length=10, choices=Color.choices, default=Color.GRAY)
    is_closed = models.BooleanField(default=False, help_text="Jobs in this state are done with.")

    class Meta(SyncedRecord.Meta):
        verbose_name_plural = "job statuses"
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                "organization", Lower("name"), name="job_status_name_once", condition=Q(deleted_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return self.name
