"""Things that happen at a time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .synced_record import SyncedRecord


class Event(SyncedRecord):
    """`attendees` is a list of objects with `email`, `name` and `response` as far as they are known."""

    class Kind(models.TextChoices):
        EVENT = "event"
        TRIP = "trip"
        TRAINING_SESSION = "training_session"
        APPOINTMENT = "appointment"

    class Status(models.TextChoices):
        CONFIRMED = "CONFIRMED"
        TENTATIVE = "TENTATIVE"
        CANCELLED = "CANCELLED"

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.EVENT)
    title = models.CharField(max_length=1024)
    description = models.TextField(blank=True, default="")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    all_day = models.BooleanField(default=False)
    location = models.CharField(max_length=1024, blank=True, default="")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.CONFIRMED)
    attendees = models.JSONField(null=True, blank=True)

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index(fields=("organization", "starts_at"), name="records_event_start"),
        )

    def __str__(self) -> str:
        return self.title
