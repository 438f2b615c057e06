"""The steps of a plan, as previewed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .job_execution import JobExecution


class PlanStep(models.Model):
    """`digest` fingerprints the action, its values and the states of both sides it was decided on. Apply
    carries a step out only while its digest still comes out the same; otherwise it is dropped as stale. A NOTED step
    is none: it names a record for which nothing will be done, with the reason in `detail`."""

    class State(models.TextChoices):
        PLANNED = "PLANNED", _("Planned")
        APPLIED = "APPLIED", _("Applied")
        STALE = "STALE", _("Dropped, the record has moved")
        NOTED = "NOTED", _("Nothing is done, for you to know")

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(JobExecution, on_delete=models.CASCADE, related_name="steps", db_index=False)
    resource_type = models.CharField(max_length=40)
    action = models.CharField(max_length=20)
    internal_id = models.TextField(blank=True, default="")
    external_id = models.TextField(blank=True, default="")
    label = models.TextField(blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    detail = models.TextField(blank=True, default="")
    digest = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)

    class Meta:
        indexes = (models.Index(fields=("run", "action", "id")),)

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.internal_id or self.external_id}"
