"""How far a listing was read, what it has shown, and who may read it."""

from __future__ import annotations

from django.db import models

from .integration import Integration


class SyncCursor(models.Model):
    """One per integration and resource type: the checkpoint and the lease.

    `stamp` is the provider's greatest stamp of a *complete* listing, never past its clock minus the lag.
    `checkpoint` is where an unfinished listing goes on ({"continuation", "high", "since", "full", "mapping",
    "newest", "kept"}; `kept` = `ListingPart` holds all that it has shown).
    The lease makes sure that one worker at a time moves this type; every page asserts it again.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="cursors", db_index=False)
    resource_type = models.CharField(max_length=40)
    stamp = models.DateTimeField(null=True)
    feed_token = models.TextField(blank=True, default="")
    checkpoint = models.JSONField(null=True)
    complete = models.BooleanField(default=False, help_text="A full listing has been read at least once.")
    last_full_at = models.DateTimeField(null=True)
    mapping_version = models.PositiveIntegerField(default=0)
    lease_owner = models.TextField(blank=True, default="")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("integration", "resource_type"), name="cursor_once"),)

    def __str__(self) -> str:
        return f"{self.resource_type} up to {self.stamp}"


class ListingPart(models.Model):
    """Ids of the links that one batch of an unfinished full listing has shown, as 64-bit integers in a row."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+", db_index=False)
    resource_type = models.CharField(max_length=40)
    links = models.BinaryField()

    class Meta:
        indexes = (models.Index(fields=("integration", "resource_type", "id")),)

    def __str__(self) -> str:
        return f"part {self.pk} of a listing of {self.resource_type}"
