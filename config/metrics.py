"""Prometheus metrics at `/metrics`, counted in the database when they are asked for, so that any number of processes
says the same. Off unless `METRICS_TOKEN` is set; needs the extra `metrics`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

INSTALL = "pip install 'lockstep[metrics]'"

# name -> (help, labels, statement that gives the labels and the value)
GAUGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "lockstep_integrations": (
        "Integrations by status",
        ("status",),
        "SELECT status, count(*) FROM integrations_integration GROUP BY 1",
    ),
    "lockstep_health_score": (
        "Health score of each integration as last measured, 0 to 100",
        ("integration", "name", "type"),
        "SELECT i.id::text, i.name, i.type, s.score FROM integrations_integration i JOIN LATERAL (SELECT score FROM "
        "integrations_healthsnapshot WHERE integration_id = i.id ORDER BY taken_at DESC LIMIT 1) s ON true",
    ),
    "lockstep_runs_in_progress": (
        "Runs under way",
        (),
        "SELECT count(*) FROM integrations_jobexecution WHERE status = 'RUNNING'",
    ),
    "lockstep_runs_last_24_hours": (
        "Runs that started in the last 24 hours and have ended, by status",
        ("status",),
        "SELECT status, count(*) FROM integrations_jobexecution WHERE started_at > now() - interval '24 hours' "
        "AND status NOT IN ('PENDING', 'RUNNING') GROUP BY 1",
    ),
    "lockstep_pending_changes": (
        "Local changes that wait to be sent",
        (),
        "SELECT count(*) FROM integrations_pendingchange",
    ),
    "lockstep_pending_rereads": (
        "External records that wait to be read again",
        (),
        "SELECT count(*) FROM integrations_externalchange",
    ),
    "lockstep_parked_records": ("Records parked with a reason", (), "SELECT count(*) FROM integrations_parkedrecord"),
    "lockstep_pending_conflicts": (
        "Conflicts that wait for a decision",
        (),
        "SELECT count(*) FROM conflicts_conflictresolution WHERE status = 'PENDING'",
    ),
    "lockstep_webhooks_queued": (
        "Webhook deliveries that wait to be worked on",
        (),
        "SELECT count(*) FROM integrations_webhookdelivery WHERE status = 'QUEUED'",
    ),
    "lockstep_alerts": (
        "Alerts that are not resolved, by severity",
        ("severity",),
        "SELECT severity, count(*) FROM integrations_alert WHERE status <> 'RESOLVED' GROUP BY 1",
    ),
    "lockstep_notifications": (
        "Messages to people that wait or were given up, by status",
        ("status",),
        "SELECT status, count(*) FROM integrations_notification WHERE status <> 'SENT' GROUP BY 1",
    ),
}


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """`Authorization: Bearer METRICS_TOKEN`. 404 where metrics are off or cannot be made."""
    if not settings.METRICS_TOKEN or not installed():
        raise Http404("Metrics are off.")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(given.strip(), settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def installed() -> bool:
    return find_spec("prometheus_client") is not None


def check_metrics(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """For `manage.py check`."""
    if not settings.METRICS_TOKEN or installed():
        return []
    hint = f"Install it with {INSTALL}, or unset METRICS_TOKEN."
    return [Warning("METRICS_TOKEN is set, but prometheus_client is not installed.", hint=hint, id="lockstep.W001")]


class _Collector:
    """Counts when it is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from prometheus_client.core import GaugeMetricFamily

        for name, (words, labels, statement) in GAUGES.items():
            gauge = GaugeMetricFamily(name, words, labels=labels)
            for *values, number in _rows(statement):
                gauge.add_metric([str(value) for value in values], float(number))
            yield gauge


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
