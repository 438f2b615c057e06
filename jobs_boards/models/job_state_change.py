"""What states a job went through."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from records.models import Organization

from .job import Job


class JobStateChange(models.Model):
    """Written by the database itself whenever a job's status changes (migration 0002), so that no way of writing
    passes it by. Who did it is added after the commit, from the outbox (`receivers`); empty until then."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="state_changes", db_index=False)
    previous_status = models.CharField(max_length=100)
    new_status = models.CharField(max_length=100)
    changed_at = models.DateTimeField()
    origin_kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    origin_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    actor = models.CharField(max_length=255, blank=True, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(fields=("job", "-id"), name="job_state_change_of_job"),
            models.Index(fields=("organization", "-id"), name="job_state_change_latest"),
            models.Index(fields=("organization",), name="job_state_change_unnamed", condition=Q(origin_kind="")),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.previous_status} -> {self.new_status}"
