"""A write-ahead row for an outward create or delete, committed before the call."""

from __future__ import annotations

from django.db import models

from .integration import Integration


class Intent(models.Model):
    """`key` goes out with the create where the provider takes one. `values` is what was sent, so that a
    record found later can be recognised. A row lives until its outcome is known."""

    class State(models.TextChoices):
        OPEN = "OPEN", "Committed, outcome not known"
        UNSETTLED = "UNSETTLED", "May exist, a person must look"

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="intents")
    resource_type = models.CharField(max_length=40)
    internal_id = models.UUIDField()
    action = models.CharField(max_length=6, choices=(("create", "Create"), ("delete", "Delete")))
    key = models.UUIDField()
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempted = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("integration", "resource_type", "internal_id"), name="intent_once"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.internal_id}"
