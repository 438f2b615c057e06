"""Every document that a rule ever had."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .rule import Rule


class RuleVersion(models.Model):
    """Who made the rule what it was, and when; a firing is carried out by the version that it matched."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    document = models.JSONField()
    saved_by = models.CharField(max_length=255, blank=True, default="")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("rule", "version"), name="automations_version_once"),)
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
