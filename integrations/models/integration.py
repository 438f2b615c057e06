"""One configured connection of an organization to one provider account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from integrations.enums import (
    AuthenticationType,
    ConflictStrategy,
    DeletePolicy,
    IntegrationStatus,
    SyncDirection,
    SyncFrequency,
)
from integrations.fields import EncryptedJSONField
from integrations.signals import integration_status_changed
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

    _status_before: str | None = None
    """The status as it was read or last saved; None where it was not read."""

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Tells of a changed status once it is committed."""
        chosen = options.get("update_fields")
        if chosen is not None and "status" not in chosen:
            super().save(*args, **options)
            return
        if self._status_before is None and not self._state.adding:
            self._status_before = Integration.objects.filter(pk=self.pk).values_list("status", flat=True).first()
        super().save(*args, **options)
        before, self._status_before = self._status_before, self.status
        if before is not None and before != self.status:
            news = {"integration": self, "before": before, "after": self.status}
            transaction.on_commit(lambda: integration_status_changed.send_robust(sender=Integration, **news))

    def syncs(self, data_type: str) -> bool:
        """Whether records of this kind move. Empty `data_types` leave out none. What is left out keeps its mapping and
        links; its changes stay queued until it is in again."""
        return not self.data_types or data_type in self.data_types

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> Integration:
        found = super().from_db(*args, **options)
        found._status_before = found.__dict__.get("status")
        return found

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        chosen = None if fields is None else list(fields)
        super().refresh_from_db(using, chosen, from_queryset)
        if chosen is None or "status" in chosen:
            self._status_before = self.status

    @property
    def connector_key(self) -> str:
        return self.type.lower()

    @property
    def webhook_endpoint(self) -> str:
        return f"/api/webhooks/integrations/{self.pk}/receive"
