"""People and companies outside of the organization."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from .address import Address
from .synced_record import SyncedRecord


class Contact(Address, SyncedRecord):
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=50, blank=True, default="")
    company = models.CharField(max_length=255, blank=True, default="")
    tags = ArrayField(models.TextField(), blank=True, default=list)

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index("organization", Lower("email"), name="records_contact_email"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.company or self.email or str(self.id)
