"""Where the organization works from, and the lines of business it runs."""

from __future__ import annotations

from django.db import models

from records.models import SyncedRecord
from records.models.address import Address


class Branch(Address, SyncedRecord):
    """A place of business."""

    name = models.CharField(max_length=255)
    phone = models.CharField(max_length=50, blank=True, default="")

    class Meta(SyncedRecord.Meta):
        verbose_name_plural = "branches"

    def __str__(self) -> str:
        return self.name


class BusinessUnit(SyncedRecord):
    """A line of business, for example insulation or HVAC."""

    name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.name
