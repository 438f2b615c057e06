"""One rule, one thing that happened, and what came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.models import Organization

from .rule import Rule


class RuleFiring(models.Model):
    """`key` names what happened (`change:42`): a rule fires once for it, whoever looks how often.

    news         what was known when it happened; actions work on it
    outcomes     one entry per action: {"action", "status": done|failed|retry, "detail", "at"}; done is never repeated
    chain        rules whose effect this is, the first one first
    runs         runs that its actions started, by which their effects are known again
    next_attempt_at   when a worker may take it; while one is at it, when another may (so it survives `kill -9`)
    """

    class Status(models.TextChoices):
        WAITING = "WAITING", _("Waits")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        STOPPED = "STOPPED", _("Stopped")

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="firings", db_index=False)
    rule_version = models.PositiveIntegerField()
    key = models.CharField(max_length=120)
    event = models.CharField(max_length=60)
    resource_type = models.CharField(max_length=50, blank=True, default="")
    record_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=255, blank=True, default="")
    news = models.JSONField(default=dict)
    chain = ArrayField(models.UUIDField(), default=list)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    reason = models.TextField(blank=True, default="")
    outcomes = models.JSONField(default=list)
    runs = ArrayField(models.UUIDField(), default=list)
    attempts = models.PositiveIntegerField(default=0)
    first_due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rule firing")
        verbose_name_plural = _("rule firings")
        constraints = (models.UniqueConstraint(fields=("rule", "key"), name="automations_firing_once"),)
        indexes = (
            models.Index(fields=("organization", "-id"), name="automations_firing_list"),
            models.Index(fields=("rule", "-id"), name="automations_firing_of_rule"),
            models.Index(fields=("rule", "first_due_at"), name="automations_firing_rate"),
            models.Index(
                fields=("next_attempt_at", "id"), name="automations_firing_due", condition=Q(status="WAITING")
            ),
            GinIndex(fields=("runs",), name="automations_firing_runs", fastupdate=False),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.event} {self.subject}".strip()

    @property
    def depth(self) -> int:
        """How many rules led to it."""
        return len(self.chain)
