"""How well an integration was at a moment."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .integration import Integration


class HealthSnapshot(models.Model):
    """Taken every five minutes and whenever somebody asks. `figures` is what was measured (`health.Figures.stored`):
    the indicators and their sentences are worked out of it again when they are shown, so they speak the reader's
    language. Snapshots older than the log retention are pruned."""

    class Status(models.TextChoices):
        HEALTHY = "HEALTHY", _("Healthy")
        DEGRADED = "DEGRADED", _("Degraded")
        UNHEALTHY = "UNHEALTHY", _("Unhealthy")

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="health_snapshots", db_index=False
    )
    taken_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status.choices)
    score = models.FloatField()
    figures = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=("integration", "-taken_at"), name="health_latest"),)
        ordering = ("-taken_at",)

    def __str__(self) -> str:
        return f"{self.score:.0f} ({self.status}) at {self.taken_at:%Y-%m-%d %H:%M}"
