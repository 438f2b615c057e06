"""R1's health and dashboard metrics, as the API shows them. Durations are milliseconds, rates percent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from integrations import metrics
from integrations.enums import IntegrationStatus
from integrations.health import Health, Indicator
from integrations.health.history import Point, trend
from integrations.health.indicators import Verdict
from integrations.models import HealthSnapshot, JobExecution
from records.api.fields import CamelModelSerializer, CamelSerializer

INDICATORS = ("successRate", "responseTime", "errorRate", "lastSync")


class IndicatorSerializer(CamelSerializer):
    """`value` null = cannot be known yet, then it does not count. It passes up to `threshold` and fails beyond
    `failAt`, in percent, milliseconds, or minutes for lastSync, whose value is the moment of the last good sync."""

    value = serializers.JSONField(allow_null=True)
    status = serializers.ChoiceField(choices=[one.value for one in Verdict])
    threshold = serializers.FloatField()
    fail_at = serializers.FloatField()
    score = serializers.FloatField(allow_null=True)
    weight = serializers.FloatField()
    sentence = serializers.CharField(help_text="How it is, and what to do.")


class IndicatorsSerializer(serializers.Serializer):
    """R1's four."""

    successRate = IndicatorSerializer()
    responseTime = IndicatorSerializer()
    errorRate = IndicatorSerializer()
    lastSync = IndicatorSerializer()


class HealthSerializer(CamelSerializer):
    """R1's IntegrationHealth. `sentence` is what to do first, empty where nothing needs doing."""

    status = serializers.ChoiceField(choices=HealthSnapshot.Status.choices)
    score = serializers.FloatField()
    indicators = IndicatorsSerializer()
    consecutive_failures = serializers.IntegerField()
    pending_conflicts = serializers.IntegerField()
    checked_at = serializers.DateTimeField()
    sentence = serializers.CharField(allow_blank=True)


class PointSerializer(CamelSerializer):
    """Means of one step of the history; conflicts are the most there were."""

    at = serializers.DateTimeField()
    score = serializers.FloatField()
    success_rate = serializers.FloatField(allow_null=True)
    response_time = serializers.FloatField(allow_null=True)
    error_rate = serializers.FloatField(allow_null=True)
    pending_conflicts = serializers.IntegerField()


class TrendsSerializer(CamelSerializer):
    """The last value against the mean of those before it; null where there is nothing to compare."""

    score = serializers.FloatField(allow_null=True)
    success_rate = serializers.FloatField(allow_null=True)
    response_time = serializers.FloatField(allow_null=True)
    error_rate = serializers.FloatField(allow_null=True)


class HealthAnswer(CamelSerializer):
    """Answer to GET and POST of health."""

    success = serializers.BooleanField()
    integration_id = serializers.UUIDField()
    health = HealthSerializer()


class HistoryAnswer(CamelSerializer):
    """The oldest point first."""

    success = serializers.BooleanField()
    integration_id = serializers.UUIDField()
    history = PointSerializer(many=True)
    trends = TrendsSerializer()


class HistoryQuery(serializers.Serializer):
    """How far back, and in how many steps."""

    hours = serializers.IntegerField(default=24, min_value=1, max_value=24 * 90)
    points = serializers.IntegerField(default=48, min_value=2, max_value=500)


class SuccessRateSerializer(serializers.Serializer):
    """Null where no sync finished."""

    lastHour = serializers.FloatField(allow_null=True)
    last24Hours = serializers.FloatField(allow_null=True)


class DashboardSerializer(CamelSerializer):
    """R1's real-time metrics. `failedSyncs` and the mean are of the last 24 hours."""

    active_integrations = serializers.IntegerField()
    syncs_in_progress = serializers.IntegerField()
    recent_sync_success_rate = SuccessRateSerializer()
    average_sync_duration = serializers.FloatField(allow_null=True)
    pending_conflicts = serializers.IntegerField()
    failed_syncs = serializers.IntegerField()


class ExecutionSerializer(CamelModelSerializer):
    """A run in a line."""

    integration_id = serializers.UUIDField()
    integration_name = serializers.CharField(source="integration.name")

    class Meta:
        model = JobExecution
        fields = (
            "id",
            "integration_id",
            "integration_name",
            "job_type",
            "status",
            "started_at",
            "completed_at",
            "scheduled_for",
            "duration_ms",
            "error_count",
            "error_message",
        )
        read_only_fields = fields


class JobsSerializer(CamelSerializer):
    """R1's job monitoring. Recent = ended in the last 24 hours."""

    running = ExecutionSerializer(many=True)
    scheduled = ExecutionSerializer(many=True)
    recent = ExecutionSerializer(many=True)
    success_rate = serializers.FloatField(allow_null=True)
    failure_rate = serializers.FloatField(allow_null=True)
    average_execution_time = serializers.FloatField(allow_null=True)
    longest_running = ExecutionSerializer(many=True)


class IntegrationMetricsSerializer(CamelSerializer):
    """R1's metrics of one integration."""

    integration_id = serializers.UUIDField(source="integration.pk")
    integration_name = serializers.CharField(source="integration.name")
    current_status = serializers.ChoiceField(choices=IntegrationStatus.choices, source="integration.status")
    total_syncs = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    average_response_time = serializers.FloatField(allow_null=True)
    last_success_at = serializers.DateTimeField(source="integration.last_success_at", allow_null=True)
    last_error_at = serializers.DateTimeField(source="integration.last_error_at", allow_null=True)
    total_records_synced = serializers.IntegerField()
    conflicts_resolved = serializers.IntegerField()
    pending_conflicts = serializers.IntegerField()


class MetricsAnswer(CamelSerializer):
    """The dashboard in one answer."""

    success = serializers.BooleanField()
    metrics = DashboardSerializer()
    jobs = JobsSerializer()
    integrations = IntegrationMetricsSerializer(many=True)


class OneMetricsAnswer(CamelSerializer):
    """The figures of one integration."""

    success = serializers.BooleanField()
    metrics = IntegrationMetricsSerializer()


def shown_health(health: Health) -> dict[str, Any]:
    """As `HealthSerializer` takes it."""
    return {
        "status": health.status,
        "score": health.score,
        "indicators": {name: _indicator(health[name]) for name in INDICATORS},
        "consecutive_failures": health.figures.consecutive_failures,
        "pending_conflicts": health.figures.pending_conflicts,
        "checked_at": health.figures.at,
        "sentence": health.sentence,
    }


def _indicator(one: Indicator) -> dict[str, Any]:
    return {**asdict(one), "status": one.status.value}


def shown_trends(points: list[Point]) -> dict[str, float | None]:
    return {name: trend(points, name) for name in ("score", "success_rate", "response_time", "error_rate")}


def shown_dashboard(found: metrics.Dashboard) -> dict[str, Any]:
    """As `DashboardSerializer` takes it."""
    rates = {"lastHour": found.success_rate_last_hour, "last24Hours": found.success_rate_last_24_hours}
    return {**asdict(found), "recent_sync_success_rate": rates}
