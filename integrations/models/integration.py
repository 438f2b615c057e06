"""One configured connection of an organization to one provider account."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from integrations.enums import (
    AuthenticationType,
    ConflictStrategy,
    DeletePolicy,
    IntegrationStatus,
    SyncDirection,
    SyncFrequency,
)
from integrations.fields import EncryptedJSONField
from records.ids import new_uuid


class Integration(models.Model):
    """R1 "Integration". `type` is the connector's key in upper case, `settings` what the connector asks for
    (a project, a generic REST configuration), `credentials` never leaves its encrypted column."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    organization = models.ForeignKey("records.Organization", on_delete=models.CASCADE, related_name="integrations")
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=40, help_text="Connector key in upper case, for example ASANA.")
    status = models.CharField(max_length=10, choices=IntegrationStatus.choices, default=IntegrationStatus.ACTIVE)

    base_url = models.URLField(max_length=500)
    auth_type = models.CharField(max_length=12, choices=AuthenticationType.choices)
    credentials = EncryptedJSONField(default=dict, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    sync_direction = models.CharField(max_length=20, choices=SyncDirection.choices, default=SyncDirection.BIDIRECTIONAL)
    sync_frequency = models.CharField(max_length=12, choices=SyncFrequency.choices, default=SyncFrequency.HOURLY)
    data_types = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    conflict_strategy = models.CharField(
        max_length=14, choices=ConflictStrategy.choices, default=ConflictStrategy.LATEST_WINS
    )
    merge_rules = models.JSONField(
        default=dict, blank=True, help_text="For CUSTOM_MERGE: field name to rule, for example prefer_local or max."
    )
    on_external_delete = models.CharField(max_length=10, choices=DeletePolicy.choices, default=DeletePolicy.ARCHIVE)
    on_local_delete = models.CharField(max_length=10, choices=DeletePolicy.choices, default=DeletePolicy.ARCHIVE)

    webhook_secret = EncryptedJSONField(default=dict, blank=True)

    last_sync_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    last_error_message = models.TextField(blank=True, default="")
    account_id = models.CharField(max_length=200, blank=True, default="")

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "name"), name="integration_name_once"),)
        indexes = (models.Index(fields=("status",)), models.Index(fields=("type",)))
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def connector_key(self) -> str:
        return self.type.lower()

    @property
    def webhook_endpoint(self) -> str:
        return f"/api/webhooks/integrations/{self.pk}/receive"
