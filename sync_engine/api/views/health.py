"""How well everything is: health of an integration and its history, R1's dashboard metrics."""

from __future__ import annotations

from datetime import timedelta

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import health, metrics
from integrations.health.history import history
from sync_engine.api.serializers import health as shapes
from sync_engine.api.views.integrations import IntegrationDoor
from sync_engine.ports import ports


class HealthView(IntegrationDoor):
    """The health of one integration."""

    serializer_class = shapes.HealthSerializer

    @extend_schema(operation_id="integrations_health", responses=shapes.HealthAnswer)
    def get(self, request: Request, integration_id: str) -> Response:
        """As last measured (every five minutes), each indicator with what to do."""
        integration = self.integration()
        return self._shown(health.latest([integration], ports().clock.now())[integration.pk])

    @extend_schema(operation_id="integrations_health_check", request=None, responses=shapes.HealthAnswer)
    def post(self, request: Request, integration_id: str) -> Response:
        """Measures it now."""
        return self._shown(health.check(self.integration(), ports().clock.now()))

    def _shown(self, found: health.Health) -> Response:
        shown = shapes.shown_health(found)
        answer = {"success": True, "integration_id": self.kwargs["integration_id"], "health": shown}
        return Response(shapes.HealthAnswer(answer).data)


class HealthHistory(IntegrationDoor):
    """The health of one integration over time."""

    serializer_class = shapes.PointSerializer

    @extend_schema(
        operation_id="integrations_health_history", parameters=[shapes.HistoryQuery], responses=shapes.HistoryAnswer
    )
    def get(self, request: Request, integration_id: str) -> Response:
        """`points` steps of the last `hours`, for sparklines, with trends."""
        asked = shapes.HistoryQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        span = timedelta(hours=asked.validated_data["hours"])
        points = history(self.integration(), ports().clock.now(), span, asked.validated_data["points"])
        answer = {
            "success": True,
            "integration_id": integration_id,
            "history": points,
            "trends": shapes.shown_trends(points),
        }
        return Response(shapes.HistoryAnswer(answer).data)


class Metrics(IntegrationDoor):
    """The dashboard of an organization."""

    serializer_class = shapes.DashboardSerializer
    filterset_class = None
    pagination_class = None

    @extend_schema(operation_id="integrations_metrics", responses=shapes.MetricsAnswer)
    def get(self, request: Request) -> Response:
        """What is happening now, the jobs, and every integration with its figures."""
        now = ports().clock.now()
        answer = {
            "success": True,
            "metrics": shapes.shown_dashboard(metrics.dashboard(self.organization, now)),
            "jobs": metrics.jobs(self.organization, now),
            "integrations": metrics.of_integrations(list(self.get_queryset()), now),
        }
        return Response(shapes.MetricsAnswer(answer).data)


class IntegrationMetrics(IntegrationDoor):
    """The figures of one integration."""

    serializer_class = shapes.IntegrationMetricsSerializer

    @extend_schema(operation_id="integrations_metrics_retrieve", responses=shapes.OneMetricsAnswer)
    def get(self, request: Request, integration_id: str) -> Response:
        """Since it was made; the mean time of an answer is of the last 24 hours."""
        (found,) = metrics.of_integrations([self.integration()], ports().clock.now())
        return Response(shapes.OneMetricsAnswer({"success": True, "metrics": found}).data)
