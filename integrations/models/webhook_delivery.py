"""One row per delivery of a webhook: what came, what was thought of it, what became of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .integration import Integration
from .job_execution import JobExecution
from .sync_log import SyncLog


class WebhookDelivery(models.Model):
    """`key` is the sender's delivery id or a digest of the content, unique per integration for 24 hours (None once
    that is over, and for what was refused). A repetition is counted in `repeats`, not stored again. `headers` are
    redacted; the body of a call whose signature was wrong is not kept."""

    class Verdict(models.TextChoices):
        ACCEPTED = "ACCEPTED", _("Accepted")
        BAD_SIGNATURE = "BAD_SIGNATURE", _("Wrong signature")
        STALE_TIMESTAMP = "STALE_TIMESTAMP", _("Too old, or from the future")
        INACTIVE = "INACTIVE", _("The integration is not active")
        IP_REFUSED = "IP_REFUSED", _("Address not on the list")
        TOO_LARGE = "TOO_LARGE", _("Body too large")
        BAD_PAYLOAD = "BAD_PAYLOAD", _("Genuine, but not readable")

    class Status(models.TextChoices):
        QUEUED = "QUEUED", _("Waits to be worked on")
        PROCESSED = "PROCESSED", _("Done")
        IGNORED = "IGNORED", _("Nothing in it for us")
        REFUSED = "REFUSED", _("Not accepted")

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    received_at = models.DateTimeField()
    method = models.CharField(max_length=8)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    source_ip = models.GenericIPAddressField(null=True)
    key = models.CharField(max_length=120, null=True)  # noqa: DJ001 - NULLs are not compared
    event = models.CharField(max_length=100, blank=True, default="")
    event_count = models.PositiveIntegerField(default=0)
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    reason = models.TextField(blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices)
    processed_at = models.DateTimeField(null=True)
    repeats = models.PositiveIntegerField(default=0, db_default=0)
    replays = models.PositiveIntegerField(default=0, db_default=0)
    run = models.ForeignKey(JobExecution, on_delete=models.SET_NULL, null=True, related_name="deliveries")
    # Logs are pruned by themselves, so no constraint ties them to a delivery.
    sync_log = models.ForeignKey(
        SyncLog, on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = (models.UniqueConstraint(fields=("integration", "key"), name="delivery_once"),)
        indexes = (
            models.Index(fields=("integration", "-id")),
            models.Index(fields=("integration",), name="delivery_queued", condition=models.Q(status="QUEUED")),
            models.Index(
                fields=("integration", "received_at"), name="delivery_refused", condition=models.Q(status="REFUSED")
            ),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.event or self.method} {self.received_at:%Y-%m-%d %H:%M:%S}: {self.verdict}"
