"""People of the organization."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from .synced_record import SyncedRecord


class Member(SyncedRecord):
    """A person who does the work; `user` is the login, where there is one."""

    name = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=50, blank=True, default="")
    role = models.CharField(max_length=100, blank=True, default="")
    telegram_id = models.CharField(max_length=64, blank=True, default="")
    equity_units = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    covenant_accepted_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="members"
    )

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index("organization", Lower("email"), name="records_member_email"),
        )

    def __str__(self) -> str:
        return self.name
