"""The outbox: what changed here and still has to reach the integrations."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .organization import Organization


class LocalChange(models.Model):
    """One change of one record, committed together with it.

    `resource_type` is a catalog key (`task`); `fields` are canonical names, NULL = look at all of them;
    `distributed_at` is set once the change stands in the queue of every integration that maps it.

    `watched` is set while somebody else than the integrations still has to read the change (see `watching`); only
    then `details` holds `{"before": {...}, "after": {...}}`, the plain values of an update.
    """

    class Action(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        DELETE = "delete"
        RESTORE = "restore"

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    resource_type = models.CharField(max_length=50)
    record_id = models.UUIDField()
    action = models.CharField(max_length=10, choices=Action.choices)
    fields = ArrayField(models.TextField(), null=True)
    origin_kind = models.CharField(max_length=20)
    origin_id = models.CharField(max_length=64, blank=True, default="")
    actor = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    distributed_at = models.DateTimeField(null=True, blank=True)
    watched = models.BooleanField(default=False, db_default=False)
    details = models.JSONField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("id",), name="records_change_waiting", condition=Q(distributed_at__isnull=True)),
            models.Index(fields=("record_id", "id"), name="records_change_of_record"),
            models.Index(fields=("id",), name="records_change_watched", condition=Q(watched=True)),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.record_id}"
