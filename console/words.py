"""Statuses with their colours, numbers that fit, and times as people say them."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any

from django.contrib.humanize.templatetags.humanize import NaturalTimeFormatter
from django.db.models import TextChoices
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations.models import Hook, HookDelivery, RuleFiring
from conflicts.models import BulkStep, ConflictResolution
from integrations import enums
from integrations.models import Alert, HealthSnapshot, PlanStep, WebhookDelivery

ENUMERATIONS: tuple[type[TextChoices], ...] = (
    enums.IntegrationStatus,
    enums.JobStatus,
    enums.JobType,
    enums.MappingStatus,
    enums.SyncOperation,
    enums.SyncStatus,
    ConflictResolution.Status,
    ConflictResolution.Kind,
    PlanStep.State,
    WebhookDelivery.Status,
    WebhookDelivery.Verdict,
    HealthSnapshot.Status,
    Alert.Status,
    BulkStep.State,
    RuleFiring.Status,
    Hook.Status,
    HookDelivery.Status,
)
LABELS: dict[str, Any] = {}
"""Value to label, for values without a row to ask; of two enumerations that share one the first is meant."""
for one in chain.from_iterable(ENUMERATIONS):
    LABELS.setdefault(str(one.value), one.label)
TONES = {
    **dict.fromkeys(
        (
            "HEALTHY",
            "ACTIVE",
            "SYNCED",
            "SUCCESS",
            "COMPLETED",
            "RESOLVED",
            "AUTO_RESOLVED",
            "APPLIED",
            "PROCESSED",
            "ACCEPTED",
            "DONE",
            "DELIVERED",
        ),
        "good",
    ),
    **dict.fromkeys(
        (
            "DEGRADED",
            "AWAITING_APPROVAL",
            "CONFLICT",
            "CONFLICT_PENDING",
            "PARTIAL_SUCCESS",
            "STALE",
            "PENDING_SYNC",
            "STOPPED",
            "GONE",
        ),
        "warn",
    ),
    **dict.fromkeys(
        (
            "ERROR",
            "FAILED",
            "UNHEALTHY",
            "REFUSED",
            "BAD_SIGNATURE",
            "STALE_TIMESTAMP",
            "IP_REFUSED",
            "TOO_LARGE",
            "BAD_PAYLOAD",
        ),
        "bad",
    ),
    **dict.fromkeys(("RUNNING", "PENDING", "QUEUED", "PLANNED", "CONFLICT_RESOLVED", "WAITING"), "info"),
}
"""Value to colour; whatever is not named is calm."""
OPERATIONS = {"CREATE": "add", "UPDATE": "edit", "DELETE": "delete", "WEBHOOK_RECEIVED": "webhook"}
"""Symbols of what was done."""
VERDICTS = {
    "IN_STEP": "good",
    "ON_ITS_WAY": "info",
    "DECISION": "warn",
    "STOPPED": "warn",
    "KEPT_BACK": "bad",
}
"""Colour of a `sync_engine.explain_rules.Verdict`."""
SETTERS = {
    "LOCAL": gettext_lazy("somebody here"),
    "EXTERNAL": gettext_lazy("somebody there"),
    "BOTH": gettext_lazy("both sides"),
    "MERGED": gettext_lazy("a merge"),
    "ROLLBACK": gettext_lazy("a rollback"),
}
"""Who set an agreed value, as the link's provenance names it."""
STEPS = ((1_000_000_000, "B"), (1_000_000, "M"), (10_000, "k"))


def compact_number(value: float) -> str:
    """1,234 as it is, 12,345 as 12.3k."""
    for step, sign in STEPS:
        if abs(value) >= step:
            unit = 1_000 if sign == "k" else step
            return f"{localize(round(value / unit, 1), use_l10n=True)}{sign}".replace(".0", "")
    return str(localize(value, use_l10n=True))


def in_time(milliseconds: int) -> str:
    """850 ms, 12.4 s, 3 min 20 s, 2 h 5 min."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{localize(round(milliseconds / 1000, 1), use_l10n=True)} s"
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def since(when: datetime, now: datetime) -> str:
    """ "3 minutes ago", "in 2 hours", and "just now" within five seconds."""
    if abs((now - when).total_seconds()) < 5:
        return _("just now")
    return str(NaturalTimeFormatter.string_for(when))
