"""The rules of one resource type of one integration, both directions (R1 "DataMapping")."""

from __future__ import annotations

from django.db import models

from .integration import Integration


class FieldMapping(models.Model):
    """One version of a mapping document. The highest version is in force; older ones are kept."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="field_mappings")
    resource_type = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    document = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("integration", "resource_type", "version"), name="mapping_version_once"),
        )
        ordering = ("integration", "resource_type", "-version")

    def __str__(self) -> str:
        return f"{self.resource_type} v{self.version}"
