"""What people did: who, what, before and after, when. Never changed and never deleted."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """Rows are added and nothing else: a trigger of the database refuses the rest. So nothing here refers to other
    rows, which may go: ids and names are kept as they were.

    action   `noun.verb`: `integration.changed`, `conflict.resolved`
    via      `api`, `console`, or `command`
    before   the values that are no more; null for what is new
    after    the values now; null for what is gone. Secrets are named and never shown
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    organization_id = models.UUIDField(null=True)
    actor_id = models.IntegerField(null=True)
    actor = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64)
    target = models.CharField(max_length=255)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("organization_id", "-id")),
            models.Index(fields=("target_type", "target_id", "-id")),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"

    def save(self, *args: Any, **options: Any) -> None:
        if self.pk is not None:
            raise TypeError("An audit entry is not changed.")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        raise TypeError("An audit entry is not deleted.")
