"""Addresses of the integrations, by R1's names."""

from __future__ import annotations

from django.urls import path

from sync_engine.api import conflict_urls, openapi
from sync_engine.api.views import (
    actions,
    alerts,
    boards,
    capabilities,
    cron,
    deliveries,
    explain,
    health,
    integrations,
    logs,
    mappings,
    oauth,
    runs,
)

__all__ = ["openapi", "urlpatterns"]

ONE = "admin/integrations/<uuid:integration_id>"
MAPPING = f"{ONE}/mappings/<slug:resource_type>"
RUN = "admin/runs/<uuid:run_id>"

urlpatterns = [
    path("cron/sync-integrations", cron.SyncIntegrations.as_view()),
    path("cron/retry-failed-syncs", cron.RetryFailedSyncs.as_view()),
    path("cron/cleanup-old-logs", cron.CleanupOldLogs.as_view()),
    path("jobs/<uuid:record_id>/sync-to-board", boards.SyncToBoard.as_view()),
    path("jobs/<uuid:record_id>/board-item", boards.BoardItem.as_view()),
    path("items/<uuid:record_id>/sync-to-job", boards.SyncToJob.as_view()),
    path("items/<uuid:record_id>/job", boards.ItemJob.as_view()),
    path("admin/integrations", integrations.Integrations.as_view()),
    *conflict_urls.urlpatterns,
    path("admin/integrations/capabilities", capabilities.Capabilities.as_view()),
    path("admin/integrations/metrics", health.Metrics.as_view()),
    path("admin/integrations/alerts", alerts.Alerts.as_view()),
    path("admin/integrations/alerts/<int:alert_id>", alerts.AlertDetail.as_view()),
    path("admin/integrations/alerts/<int:alert_id>/acknowledge", alerts.Acknowledge.as_view()),
    path("admin/integrations/alert-rules", alerts.Rules.as_view()),
    path("admin/integrations/alert-rules/<int:rule_id>", alerts.RuleDetail.as_view()),
    path("admin/integrations/notifications", alerts.Notifications.as_view()),
    path("admin/integrations/notifications/<int:notification_id>/send", alerts.SendAgain.as_view()),
    path(ONE, integrations.IntegrationDetail.as_view()),
    path(f"{ONE}/test", actions.ConnectionTest.as_view()),
    path(f"{ONE}/webhook-secret", integrations.WebhookSecret.as_view()),
    path(f"{ONE}/sync", actions.Sync.as_view()),
    path(f"{ONE}/logs", logs.Logs.as_view()),
    path(f"{ONE}/logs/export", logs.LogExport.as_view()),
    path(f"{ONE}/logs/<int:log_id>", logs.LogDetail.as_view()),
    path(f"{ONE}/deliveries", deliveries.Deliveries.as_view()),
    path(f"{ONE}/deliveries/<int:delivery_id>", deliveries.DeliveryDetail.as_view()),
    path(f"{ONE}/deliveries/<int:delivery_id>/replay", deliveries.Replay.as_view()),
    path(f"{ONE}/health", health.HealthView.as_view()),
    path(f"{ONE}/health/history", health.HealthHistory.as_view()),
    path(f"{ONE}/metrics", health.IntegrationMetrics.as_view()),
    path(f"{ONE}/oauth", oauth.SignIn.as_view()),
    path(f"{ONE}/oauth/start", oauth.StartSignIn.as_view()),
    path(f"{ONE}/mappings", mappings.Mappings.as_view()),
    path(MAPPING, mappings.MappingDetail.as_view()),
    path(f"{MAPPING}/validate", mappings.ValidateMapping.as_view()),
    path(f"{MAPPING}/preview", mappings.PreviewMapping.as_view()),
    path("records/<slug:resource_type>/<uuid:record_id>/sync", explain.RecordSync.as_view()),
    path("admin/runs", runs.Runs.as_view()),
    path(RUN, runs.RunDetail.as_view()),
    path(f"{RUN}/steps", runs.Steps.as_view()),
    path(f"{RUN}/apply", runs.Apply.as_view()),
    path(f"{RUN}/cancel", runs.Cancel.as_view()),
    path(f"{RUN}/rollback", runs.Rollback.as_view()),
]
