"""When a rule holds. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.alerts.words import AlertMetric, Operator
from integrations.enums import IntegrationStatus
from integrations.health.figures import Figures, Runs
from integrations.health.indicators import STOPPED, spelled
from integrations.health.score import Health

if TYPE_CHECKING:
    from integrations.models import Alert, AlertRule

COMPARED: dict[str, Callable[[float, float], bool]] = {
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
}


def applies(rule: AlertRule, figures: Figures) -> bool:
    """Whether the rule is about an integration like this. Nobody is called for what was paused on purpose."""
    return rule.enabled and figures.status not in STOPPED and rule.frequency in ("", figures.frequency)


def value_of(rule: AlertRule, health: Health, window: Runs) -> float | None:
    """The rule's metric now; `window` holds the runs of the rule's window. None = cannot be said at the moment, and
    an alert stays as it is."""
    figures = health.figures
    match AlertMetric(rule.metric):
        case AlertMetric.ERROR_RATE:
            return window.error_rate
        case AlertMetric.SUCCESS_RATE:
            return window.success_rate
        case AlertMetric.RESPONSE_TIME:
            return window.response_ms
        case AlertMetric.CONSECUTIVE_FAILURES:
            return figures.consecutive_failures
        case AlertMetric.PENDING_CONFLICTS:
            return figures.pending_conflicts
        case AlertMetric.STOPPED:
            return float(figures.status == IntegrationStatus.ERROR)
        case AlertMetric.HEALTH_SCORE:
            return health.score
        case AlertMetric.LAST_SYNC_AGE:
            return _age(figures)


def holds(rule: AlertRule, value: float) -> bool:
    return COMPARED[rule.operator](value, rule.threshold)


def sentence(alert: Alert) -> str:
    """What is the matter and what to do, for a person."""
    return _SENTENCES[AlertMetric(alert.metric)](alert)


def _age(figures: Figures) -> float | None:
    """Minutes; while a sync is under way, nobody can say how old the state is."""
    if figures.running:
        return None
    return (figures.at - (figures.last_success_at or figures.created_at)).total_seconds() / 60


_SENTENCES: dict[str, Callable[[Alert], str]] = {
    AlertMetric.ERROR_RATE: lambda one: (
        _(
            "%(value).1f %% of what was tried failed (limit %(limit)g %%). The logs name each failed record "
            "and its reason."
        )
        % {"value": one.value, "limit": one.threshold}
    ),
    AlertMetric.CONSECUTIVE_FAILURES: lambda one: (
        ngettext(
            "The last sync failed. Open the newest run: it names what to mend. Nothing is lost; changes wait.",
            "The last %(value)d syncs failed. Open the newest run: it names what to mend. Nothing is lost; changes "
            "wait.",
            int(one.value),
        )
        % {"value": one.value}
    ),
    AlertMetric.LAST_SYNC_AGE: lambda one: (
        _("No sync has succeeded for %(span)s. Check that the worker and beat are running, then sync by hand.")
        % {"span": spelled(one.value)}
    ),
    AlertMetric.PENDING_CONFLICTS: lambda one: (
        ngettext(
            "%(value)d conflict waits for a decision. Both values are kept until somebody decides.",
            "%(value)d conflicts wait for a decision. Both values are kept until somebody decides.",
            int(one.value),
        )
        % {"value": one.value}
    ),
    AlertMetric.STOPPED: lambda one: _(
        "It was stopped by an error and is not synced any more. Mend what the error names, test the connection, then "
        "resume it; it goes on where it stopped."
    ),
    AlertMetric.HEALTH_SCORE: lambda one: (
        _("Its health score is %(value).0f (limit %(limit)g).") % {"value": one.value, "limit": one.threshold}
    ),
    AlertMetric.SUCCESS_RATE: lambda one: (
        _("%(value).1f %% of its syncs went through (limit %(limit)g %%). Open the last failed run.")
        % {"value": one.value, "limit": one.threshold}
    ),
    AlertMetric.RESPONSE_TIME: lambda one: (
        _("The provider takes %(value).0f ms per answer (limit %(limit)g ms). Look at its status page.")
        % {"value": one.value, "limit": one.threshold}
    ),
}
