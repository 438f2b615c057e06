"""What needs a person now: unresolved alerts, integrations that are not well, and conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.integrations.lists import Row
from console.navigation import conflicts_address
from integrations.alerts.conditions import sentence
from integrations.alerts.words import AlertMetric, AlertSeverity
from integrations.enums import IntegrationStatus
from integrations.models import Alert, Integration

TONES = {AlertSeverity.CRITICAL: "bad", AlertSeverity.WARNING: "warn", AlertSeverity.INFO: "info"}
PLACES: dict[str, tuple[str, str, Any]] = {
    AlertMetric.PENDING_CONFLICTS: ("integration_conflicts", "", gettext_lazy("Decide")),
    AlertMetric.ERROR_RATE: ("integration_logs", "?status=FAILED", gettext_lazy("What failed")),
    AlertMetric.CONSECUTIVE_FAILURES: ("integration_runs", "?status=FAILED", gettext_lazy("Failed runs")),
    AlertMetric.SUCCESS_RATE: ("integration_runs", "?status=FAILED", gettext_lazy("Failed runs")),
}
"""Metric -> page of the integration, query, and what its link says; the overview for all others."""
MOST = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and where to act. `alert` can be acknowledged."""

    tone: str
    name: str
    sentence: str
    address: str
    label: str
    alert: Alert | None = None


def notices(rows: Sequence[Row]) -> list[Notice]:
    """The worst first; an integration that an alert speaks of already is not named twice."""
    own = {row.integration.pk: row.integration for row in rows}
    unresolved = Alert.objects.filter(integration__in=own).exclude(status=Alert.Status.RESOLVED)
    alerts = list(unresolved.select_related("integration").defer("integration__credentials").order_by("-id")[:MOST])
    told = {one.integration_id for one in alerts}
    found = [*map(_of_alert, alerts), *_of_health(row for row in rows if row.integration.pk not in told)]
    found.sort(key=lambda one: list(TONES.values()).index(one.tone))
    counted = {one.integration_id for one in alerts if one.metric == AlertMetric.PENDING_CONFLICTS}
    return [*found, *_of_conflicts(row for row in rows if row.integration.pk not in counted)]


def _of_alert(alert: Alert) -> Notice:
    """Leads to what the sentence speaks of."""
    tone, said = TONES[AlertSeverity(alert.severity)], f"{alert.name}. {sentence(alert)}"
    one = alert.integration
    name, query, label = PLACES.get(alert.metric, ("integration", "", gettext_lazy("Look")))
    return Notice(tone, one.name, said, reverse(f"console:{name}", args=[one.pk]) + query, str(label), alert)


def _of_health(rows: Iterable[Row]) -> Iterable[Notice]:
    for row in rows:
        one = row.integration
        if one.status == IntegrationStatus.ERROR:
            yield _about(one, "bad", one.last_error_message[:300] or _("It was stopped by an error."))
        elif row.health.sentence and not row.stopped:
            yield _about(one, "warn", row.health.sentence)


def _about(one: Integration, tone: str, said: str) -> Notice:
    return Notice(tone, one.name, said, reverse("console:integration", args=[one.pk]), _("Look"))


def _of_conflicts(rows: Iterable[Row]) -> Iterable[Notice]:
    number = sum(row.stats["pending_conflicts"] for row in rows)
    if number:
        said = ngettext("%(number)d waits for a decision.", "%(number)d wait for a decision.", number)
        yield Notice("warn", _("Conflicts"), said % {"number": number}, conflicts_address(), _("Decide"))
