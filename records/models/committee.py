"""Committees and who sits in them."""

from __future__ import annotations

from django.db import models

from .member import Member
from .synced_record import SyncedRecord


class Committee(SyncedRecord):
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name


class CommitteeMember(SyncedRecord):
    """A member's seat in a committee."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="seats")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=100, blank=True, default="")
    joined_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.member} in {self.committee}"
