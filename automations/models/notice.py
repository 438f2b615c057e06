"""What happened besides changes of records, kept until rules and webhooks have read it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from records.models import Organization

from .rule import Rule


class Notice(models.Model):
    """An opened conflict, a failed run, a received webhook, a due time: written in the transaction that made it, or
    found again by a sweep, once by its `key`. `rule` is set where only that rule is meant (a due time)."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, null=True, related_name="+")
    event = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    resource_type = models.CharField(max_length=50, blank=True, default="")
    record_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=255, blank=True, default="")
    values = models.JSONField(default=dict)
    run_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "key"), name="automations_notice_once"),)
        indexes = (models.Index(fields=("id",), name="automations_notice_unread", condition=Q(read_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.event} {self.subject}".strip()
