"""A suggestion that somebody does not want."""

from __future__ import annotations

from django.db import models


class DismissedSuggestion(models.Model):
    """The rule that was suggested, and how many decisions it stood on then (`agreed`). It is suggested again when
    enough new decisions speak for it (`conflicts.dismissals`)."""

    integration = models.ForeignKey(
        "integrations.Integration", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    resource_type = models.CharField(max_length=40)
    field = models.CharField(max_length=80)
    when = models.CharField(max_length=20)
    strategy = models.CharField(max_length=20)
    agreed = models.PositiveIntegerField()
    dismissed_by = models.CharField(max_length=150)
    dismissed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "resource_type", "field", "when", "strategy"), name="dismissed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.strategy} for {self.resource_type} {self.field}, {self.when}"
