"""Many cases decided by one choice: looked at first, then carried out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.enums import ConflictStrategy
from records.ids import new_uuid

from .conflict_resolution import ConflictResolution


class BulkDecision(models.Model):
    """`rule` is a merge rule ("prefer_local", "latest", ...), `wanted` the filter that chose the cases. `run` is the
    run that carried it out, with its log and its way back. `heartbeat` is when a worker last gave a sign."""

    class Status(models.TextChoices):
        PLANNING = "PLANNING", _("Being prepared")
        READY = "READY", _("Waiting for approval")
        APPLYING = "APPLYING", _("Being carried out")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Stopped by an error")
        CANCELLED = "CANCELLED", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    integration = models.ForeignKey("integrations.Integration", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey("integrations.JobExecution", on_delete=models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNING)
    rule = models.CharField(max_length=20)
    push = models.BooleanField(default=True)
    wanted = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0, help_text="Cases that the filter chose.")
    asked_by = models.CharField(max_length=150)
    error = models.TextField(blank=True, default="")
    worker = models.TextField(blank=True, default="")
    heartbeat = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("integration", "-created_at")),
            models.Index(
                fields=("heartbeat",),
                name="bulk_under_way",
                condition=models.Q(status__in=("PLANNING", "APPLYING")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} for {self.total} cases"


class BulkStep(models.Model):
    """One case of a bulk decision. `here` and `there` are the writes as previewed, field to [before, after]; `token`
    names the state they were computed on. `sentence` says why a step was left out or dropped, or failed."""

    class State(models.TextChoices):
        PLANNED = "PLANNED", _("Planned")
        APPLIED = "APPLIED", _("Applied")
        STALE = "STALE", _("Dropped, the record has moved")
        FAILED = "FAILED", _("Failed")
        SKIPPED = "SKIPPED", _("Left out")

    id = models.BigAutoField(primary_key=True)
    bulk = models.ForeignKey(BulkDecision, on_delete=models.CASCADE, related_name="steps", db_index=False)
    conflict = models.ForeignKey(ConflictResolution, on_delete=models.CASCADE, related_name="+")
    label = models.TextField(blank=True, default="")
    strategy = models.CharField(max_length=14, choices=ConflictStrategy.choices, blank=True, default="")
    values = models.JSONField(default=dict)
    here = models.JSONField(default=dict)
    there = models.JSONField(default=dict)
    token = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    sentence = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("bulk", "conflict"), name="bulk_step_once"),)
        indexes = (models.Index(fields=("bulk", "state", "id")),)

    def __str__(self) -> str:
        return f"{self.label}: {self.state}"
