"""The enumerations of alerts and of messages to people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AlertMetric(TextChoices):
    """What a rule looks at. The first four are R1's."""

    ERROR_RATE = "errorRate", _("Error rate (%)")
    CONSECUTIVE_FAILURES = "consecutiveFailures", _("Failed syncs in a row")
    LAST_SYNC_AGE = "lastSyncAge", _("Minutes since the last good sync")
    PENDING_CONFLICTS = "pendingConflicts", _("Conflicts that wait for a decision")
    STOPPED = "stopped", _("Stopped by an error (1 = yes)")
    HEALTH_SCORE = "healthScore", _("Health score (0 to 100)")
    SUCCESS_RATE = "successRate", _("Success rate of syncs (%)")
    RESPONSE_TIME = "responseTime", _("Response time (ms)")


WINDOWED = (AlertMetric.ERROR_RATE, AlertMetric.SUCCESS_RATE, AlertMetric.RESPONSE_TIME)
"""Metrics of a stretch of time."""


class Operator(TextChoices):
    GREATER = ">", _("is more than")
    AT_LEAST = ">=", _("is at least")
    LESS = "<", _("is less than")
    AT_MOST = "<=", _("is at most")


class AlertSeverity(TextChoices):
    INFO = "INFO", _("Info")
    WARNING = "WARNING", _("Warning")
    CRITICAL = "CRITICAL", _("Critical")


class Channel(TextChoices):
    """`dashboard` needs no message: an alert is shown there as long as it is not resolved."""

    EMAIL = "email", _("E-mail")
    SLACK = "slack", _("Slack")
    DASHBOARD = "dashboard", _("Dashboard")


class Topic(TextChoices):
    """What people are told about, and can do without."""

    ALERTS = "ALERTS", _("Alerts")
    CONFLICTS = "CONFLICTS", _("Conflicts")
