"""Addresses of the integrations, by R1's names."""

from __future__ import annotations

from django.urls import path

from sync_engine.api.views import actions, conflicts, integrations

ONE = "admin/integrations/<uuid:integration_id>"

urlpatterns = [
    path("admin/integrations", integrations.Integrations.as_view()),
    path("admin/integrations/conflicts", conflicts.Conflicts.as_view()),
    path("admin/integrations/conflicts/<uuid:conflict_id>", conflicts.ConflictDetail.as_view()),
    path("admin/integrations/conflicts/<uuid:conflict_id>/resolve", conflicts.Resolve.as_view()),
    path(ONE, integrations.IntegrationDetail.as_view()),
    path(f"{ONE}/test", actions.ConnectionTest.as_view()),
    path(f"{ONE}/sync", actions.Sync.as_view()),
    path(f"{ONE}/logs", actions.Logs.as_view()),
]
