"""Alerts: the rules as data, and what they found."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.alerts.words import AlertMetric, AlertSeverity, Channel, Operator
from integrations.enums import SyncFrequency
from integrations.fields import EncryptedJSONField

from .integration import Integration


class AlertRule(models.Model):
    """R1 "AlertRule", of one organization: while `metric` `operator` `threshold` holds for an integration, there is
    an alert. Rules with a `key` come with the organization: they can be changed and switched off, not deleted.

    `slack_webhook` is {"url": ...}; None = `SLACK_WEBHOOK_URL`.
    """

    organization = models.ForeignKey("records.Organization", on_delete=models.CASCADE, related_name="alert_rules")
    key = models.CharField(max_length=40, blank=True, default="", editable=False)
    name = models.CharField(_("name"), max_length=80)
    enabled = models.BooleanField(_("switched on"), default=True)

    metric = models.CharField(_("metric"), max_length=20, choices=AlertMetric.choices)
    operator = models.CharField(_("operator"), max_length=2, choices=Operator.choices, default=Operator.GREATER)
    threshold = models.FloatField(_("threshold"), help_text=_("In the unit of the metric: %, ms, minutes or a number."))
    window_minutes = models.PositiveIntegerField(
        _("window in minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For rates and times: how far back. Empty = the last hour."),
    )
    frequency = models.CharField(
        _("only for"),
        max_length=12,
        choices=SyncFrequency.choices,
        blank=True,
        default="",
        help_text=_("Empty = integrations of every frequency."),
    )

    severity = models.CharField(
        _("severity"), max_length=8, choices=AlertSeverity.choices, default=AlertSeverity.WARNING
    )
    channels = ArrayField(
        models.CharField(max_length=10, choices=Channel.choices), verbose_name=_("channels"), default=list, blank=True
    )
    cooldown = models.PositiveIntegerField(
        _("cooldown in minutes"), default=60, help_text=_("How long to wait before telling of the same thing again.")
    )
    slack_webhook = EncryptedJSONField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "key"), condition=~models.Q(key=""), name="built_in_rule_once"
            ),
        )
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """A rule that holds, or held, for an integration. At most one is unresolved per rule and integration.

    `name`, `severity`, `metric`, `operator` and `threshold` are the rule's as it was; `value` is the newest.
    `notified_at` is when it was last told of by mail or Slack.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        ACKNOWLEDGED = "ACKNOWLEDGED", _("Acknowledged")
        RESOLVED = "RESOLVED", _("Resolved")

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, null=True, related_name="alerts")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)

    name = models.CharField(max_length=80)
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices)
    metric = models.CharField(max_length=20, choices=AlertMetric.choices)
    operator = models.CharField(max_length=2, choices=Operator.choices)
    threshold = models.FloatField()
    value = models.FloatField()

    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=150, blank=True, default="")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("rule", "integration"), condition=~models.Q(status="RESOLVED"), name="one_alert_at_a_time"
            ),
        )
        indexes = (
            models.Index(fields=("integration", "-id")),
            models.Index(fields=("integration",), name="alert_unresolved", condition=~models.Q(status="RESOLVED")),
        )
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name}: {self.integration_id} ({self.status})"
