"""The link between a local record and an external one, with the base on both sides."""

from __future__ import annotations

from django.db import models

from integrations.enums import MappingStatus

from .integration import Integration


class IntegrationMapping(models.Model):
    """R1 "IntegrationMapping".

    `local_base` and `external_base` hold the values both sides last agreed on, each in its own side's
    form: internal field name to plain value, external path to normalised value. `last_external_hash` is
    the 16-byte fingerprint of the mapped external tuple *as processed*; equal hash = nothing to look at.
    `provenance` names, per field ("*" for all others), who or what set the agreed value.
    """

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="mappings", db_index=False)
    resource_type = models.CharField(max_length=40)
    internal_id = models.UUIDField()
    external_id = models.TextField()

    sync_status = models.CharField(max_length=12, choices=MappingStatus.choices, default=MappingStatus.SYNCED)
    local_base = models.JSONField(default=dict)
    external_base = models.JSONField(default=dict)
    last_local_hash = models.BinaryField(null=True)
    last_external_hash = models.BinaryField(null=True)
    external_version = models.TextField(null=True)  # noqa: DJ001 - the provider's own word, or none
    external_updated_at = models.DateTimeField(null=True)
    provenance = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="", help_text="Why it is parked, in one sentence.")
    missing_since = models.DateTimeField(null=True, help_text="Since when the provider no longer shows it.")
    rewrites = models.JSONField(default=dict, help_text="Per field, how often the provider rewrote what we sent.")

    last_synced_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            # The id leads, so that the same index answers "which links has this record" across integrations.
            models.UniqueConstraint(fields=("internal_id", "integration", "resource_type"), name="link_internal_once"),
            models.UniqueConstraint(fields=("integration", "resource_type", "external_id"), name="link_external_once"),
        )
        indexes = (
            models.Index(
                fields=("integration", "resource_type", "id"),
                name="link_not_synced",
                condition=~models.Q(sync_status="SYNCED"),
            ),
            models.Index(
                fields=("integration", "resource_type", "id"),
                name="link_missing",
                condition=models.Q(missing_since__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.internal_id} = {self.external_id}"


class FormerLink(models.Model):
    """The record there that a record of ours was linked with before it was made there anew. Should somebody bring it
    back, it is known again instead of coming in as one more record."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="+", db_index=False)
    resource_type = models.CharField(max_length=40)
    external_id = models.TextField()
    internal_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("integration", "resource_type", "external_id"), name="former_link_once"),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.internal_id} was {self.external_id}"
