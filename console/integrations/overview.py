"""The first tab of an integration: how it is, what waits, and what it did lately."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from console.integrations.lists import connector_label
from console.integrations.tabs import Tab
from console.templatetags.console import duration, percent
from integrations import health, metrics
from integrations.enums import JobStatus, MappingStatus
from integrations.health.history import Point, history
from integrations.models import IntegrationMapping
from sync_engine.ports import ports
from sync_engine.running import upcoming

MOST = 10_000
"""Nothing is counted further for a page."""
UNDER_WAY = (JobStatus.RUNNING, JobStatus.PENDING, JobStatus.AWAITING_APPROVAL)
TITLES = {
    "successRate": _("Success rate"),
    "responseTime": _("Response time"),
    "errorRate": _("Error rate"),
    "lastSync": _("Last sync"),
}


class Overview(Tab):
    key = "overview"
    template_name = "console/integrations/overview.html"

    def context(self) -> dict[str, Any]:
        one, now = self.one, ports().clock.now()
        (figures,) = metrics.of_integrations([one], now)
        found = health.latest([one], now)[one.pk]
        runs = one.job_executions.order_by("-started_at")
        return {
            "connector": connector_label(one.type),
            "health": found,
            "indicators": [(TITLES[part.name], part) for part in found.indicators],
            "trends": _trends(history(one, now)),
            "figures": figures,
            "next_sync": upcoming.next_starts([one], now)[one.pk],
            "waiting": self._waiting(),
            "under_way": runs.filter(status__in=UNDER_WAY)[:5],
            "latest": runs[:8],
            "mapped": one.field_mappings.order_by("resource_type", "-version").distinct("resource_type"),
        }

    def _waiting(self) -> dict[str, int]:
        """What is not in step, and why; each number stops at `MOST`."""
        one = self.one
        troubled = IntegrationMapping.objects.filter(integration=one, sync_status=MappingStatus.ERROR)
        return {
            "outward": _capped(one.pending.all()),
            "inward": _capped(one.external_changes.all()),
            "parked": _capped(one.parked.all()) + _capped(troubled),
            "doubtful": _capped(one.intents.filter(attempted=True)),
        }


def _capped(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:MOST].count()


def _trends(points: list[Point]) -> list[tuple[Any, list[float | None], str]]:
    """The last 24 hours as lines: name, values, and the last of them in words."""
    return [
        _trend(_("Health"), [point.score for point in points], whole),
        _trend(_("Success rate"), [point.success_rate for point in points], percent),
        _trend(_("Response time"), [point.response_time for point in points], duration),
        _trend(_("Pending conflicts"), [float(point.pending_conflicts) for point in points], whole),
    ]


def _trend(name: Any, values: list[float | None], shown: Callable[[float], str]) -> tuple[Any, list[float | None], str]:
    last = next((value for value in reversed(values) if value is not None), None)
    return name, values, "" if last is None else shown(last)


def whole(value: float) -> str:
    return f"{value:.0f}"
