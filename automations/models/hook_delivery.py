"""One message to one address."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .hook import Hook


class HookDelivery(models.Model):
    """`message_id` is `webhook-id`: the same at every attempt, so the receiver knows a repetition.

    key              what happened, once per hook (`change:42`)
    body             the very bytes that are signed and sent, as text
    next_attempt_at  when it may be sent; while a worker is at it, when another may
    tries            the latest attempts: {"at", "status", "ms", "error"}
    """

    class Status(models.TextChoices):
        WAITING = "WAITING", _("Waits")
        DELIVERED = "DELIVERED", _("Delivered")
        FAILED = "FAILED", _("Given up")

    id = models.BigAutoField(primary_key=True)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    key = models.CharField(max_length=120)
    message_id = models.CharField(max_length=60, unique=True)
    event = models.CharField(max_length=60)
    body = models.TextField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.JSONField(default=list)
    last_status = models.PositiveIntegerField(null=True)
    last_error = models.TextField(blank=True, default="")
    replays = models.PositiveIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("webhook sent")
        verbose_name_plural = _("webhooks sent")
        constraints = (models.UniqueConstraint(fields=("hook", "key"), name="automations_delivery_once"),)
        indexes = (
            models.Index(fields=("hook", "-id"), name="automations_delivery_of_hook"),
            models.Index(fields=("hook", "id"), name="automations_delivery_waiting", condition=Q(status="WAITING")),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"
