"""What waits for an integration: local changes to push, external records to read again."""

from __future__ import annotations

from django.db import models

from .integration import Integration


class PendingChange(models.Model):
    """A local record that differs, or may differ, from what the provider was told.

    One row per record: further changes raise `generation`, and a row is only removed by whoever handled
    that very generation, so a change during a push is never lost.
    """

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="pending", db_index=False)
    resource_type = models.CharField(max_length=40)
    internal_id = models.UUIDField()
    generation = models.PositiveIntegerField(default=1)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    sent = models.JSONField(null=True, help_text="What was sent without an answer: a list of field to value.")
    let_go = models.BinaryField(
        null=True, help_text="Hash of the state there that a person, or a rule, let go: a delete may go over it."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("integration", "resource_type", "internal_id"), name="pending_once"),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.internal_id} waits"


class ExternalChange(models.Model):
    """An external record that must be read again: a thin webhook, a lookup that resolved, a suspicion."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="external_changes", db_index=False
    )
    resource_type = models.CharField(max_length=40)
    external_id = models.TextField()
    generation = models.PositiveIntegerField(default=1)
    cause = models.CharField(max_length=20, default="webhook")
    not_before = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "resource_type", "external_id"), name="external_change_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.resource_type} {self.external_id} to be read"
