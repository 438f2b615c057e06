"""Places where work is done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .address import Address
from .contact import Contact
from .synced_record import SyncedRecord


class Location(Address, SyncedRecord):
    """`contact` is the customer whose place it is."""

    name = models.CharField(max_length=255)
    notes = models.TextField(blank=True, default="")
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="locations"
    )

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index(fields=("contact",), name="records_location_contact", condition=Q(contact__isnull=False)),
        )

    def __str__(self) -> str:
        return self.name
