"""External records that could not become local ones, and lookups that wait for a link."""

from __future__ import annotations

from django.db import models

from .integration import Integration


class ParkedRecord(models.Model):
    """A record without a link that was refused, with the reason. It is tried again when its content, the
    mapping or the match changes."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="parked")
    resource_type = models.CharField(max_length=40)
    side = models.CharField(max_length=8, choices=(("EXTERNAL", "External"), ("LOCAL", "Local")))
    record_id = models.TextField()
    reason = models.TextField()
    kind = models.CharField(max_length=12, default="invalid")
    fingerprint = models.BinaryField(null=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("integration", "resource_type", "side", "record_id"), name="parked_once"),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.record_id}: {self.reason}"


class UnresolvedLookup(models.Model):
    """Record `external_id` names a `wanted_type` record `wanted_id` that has no link yet."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="unresolved_lookups")
    resource_type = models.CharField(max_length=40)
    external_id = models.TextField()
    wanted_type = models.CharField(max_length=40)
    wanted_id = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "wanted_type", "wanted_id", "resource_type", "external_id"),
                name="unresolved_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.external_id} waits for {self.wanted_type} {self.wanted_id}"
