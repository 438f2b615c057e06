"""Fields that both sides changed differently, and what was decided."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.enums import ConflictStrategy
from records.ids import new_uuid


class ConflictResolution(models.Model):
    """R1 "ConflictResolution". One open case per record, updated in place. `local_data`, `external_data` and
    `base_data` map each contested field to a value in local form, so that a person compares like with like.
    A decided case keeps both values and the rule: the loser is never thrown away, and the case can be opened
    again (`reopens` leads from the new case to the old one)."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting for a decision")
        RESOLVED = "RESOLVED", _("Resolved")
        IGNORED = "IGNORED", _("Ignored")
        AUTO_RESOLVED = "AUTO_RESOLVED", _("Resolved by rule")

    class Kind(models.TextChoices):
        FIELDS = "FIELDS", _("Both sides changed the same fields")
        DELETED_EXTERNALLY = "DELETED_EXTERNALLY", _("Deleted there, edited here")
        DELETED_LOCALLY = "DELETED_LOCALLY", _("Deleted here, edited there")
        AMBIGUOUS = "AMBIGUOUS", _("Several records may be the same")
        MAY_EXIST = "MAY_EXIST", _("May already exist at the provider")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    integration = models.ForeignKey("integrations.Integration", on_delete=models.CASCADE, related_name="conflicts")
    run = models.ForeignKey("integrations.JobExecution", on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.FIELDS)
    resource_type = models.CharField(max_length=40)
    resource_id = models.TextField()
    external_id = models.TextField(blank=True, default="")
    local_data = models.JSONField(default=dict)
    external_data = models.JSONField(default=dict)
    base_data = models.JSONField(default=dict)
    conflicted_fields = ArrayField(models.TextField(), default=list)
    conflict_reason = models.TextField(blank=True, default="")
    local_changed_at = models.DateTimeField(null=True)
    external_changed_at = models.DateTimeField(null=True)
    local_changed_by = models.CharField(max_length=255, blank=True, default="")
    external_changed_by = models.CharField(max_length=255, blank=True, default="")

    status = models.CharField(max_length=14, choices=Status.choices, default=Status.PENDING)
    resolution_strategy = models.CharField(max_length=14, choices=ConflictStrategy.choices, blank=True, default="")
    winners = models.JSONField(default=dict, help_text="Field to LOCAL, EXTERNAL or MERGED, with the rule.")
    resolved_data = models.JSONField(null=True)
    resolved_by = models.CharField(max_length=150, blank=True, default="")
    resolved_at = models.DateTimeField(null=True)
    reopens = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="reopened_by")
    notified_at = models.DateTimeField(null=True, help_text="When those in charge were told of it.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "resource_type", "resource_id"),
                # What has no record here yet (an ambiguous match) is told apart by the record there.
                condition=models.Q(status="PENDING") & ~models.Q(resource_id=""),
                name="one_open_conflict_per_record",
            ),
        )
        indexes = (
            models.Index(fields=("integration", "status")),
            models.Index(fields=("resource_type",)),
            # The inbox: what is open, newest first; and the cases of one record.
            models.Index(
                fields=("integration", "-created_at", "-id"), name="conflict_open", condition=models.Q(status="PENDING")
            ),
            models.Index(fields=("-created_at", "-id"), name="conflict_newest", condition=models.Q(status="PENDING")),
            models.Index(fields=("-created_at", "-id"), name="conflict_by_time"),
            models.Index(fields=("integration", "resource_type", "resource_id"), name="conflict_of_record"),
            # What nobody was told of yet.
            models.Index(
                fields=("integration",),
                name="conflict_untold",
                condition=models.Q(status="PENDING", notified_at=None),
            ),
            # What people decided, for suggestions.
            models.Index(
                fields=("integration", "-resolved_at"), name="conflict_decided", condition=models.Q(status="RESOLVED")
            ),
        )
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.resource_type} {self.resource_id}: {', '.join(self.conflicted_fields)}"
