"""Messages to people, on their way or sent, and who does not want them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.alerts.words import Channel, Topic

from .alert import Alert
from .integration import Integration


class Notification(models.Model):
    """One message to one recipient, written down before it is sent. It is tried again after 1, 2, 4, 8 and 16
    minutes; then it is FAILED, with the reason, until somebody has it sent again.

    `recipient` is a mail address; "" for Slack, whose address is looked up when it is sent and stored nowhere else.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", _("On its way")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Given up")

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("records.Organization", on_delete=models.CASCADE, related_name="notifications")
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = models.EmailField(blank=True, default="")
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True, default="")

    status = models.CharField(max_length=7, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("organization", "-id")),
            models.Index(fields=("next_attempt_at",), name="notification_due", condition=models.Q(status="PENDING")),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.channel} {self.recipient or self.subject}: {self.status}"


class NotificationOptOut(models.Model):
    """A user who does not want mail about a topic. Everybody with the role gets it otherwise."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_opt_outs")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "topic"), name="opt_out_once"),)

    def __str__(self) -> str:
        return f"{self.user}: no {self.topic}"
