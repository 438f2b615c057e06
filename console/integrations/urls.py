from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from console.integrations import actions, deliveries, links, lists, open_conflicts, overview, removing, settings

ONE = "integrations/<uuid:pk>"

urlpatterns = [
    path("integrations", lists.Integrations.as_view(), name="integrations"),
    path("integrations/", RedirectView.as_view(pattern_name="console:integrations")),
    path("integrations/sync", actions.SyncAll.as_view(), name="sync_all"),
    path(ONE, overview.Overview.as_view(), name="integration"),
    path(f"{ONE}/links", links.Links.as_view(), name="integration_mappings"),
    path(f"{ONE}/conflicts", open_conflicts.OpenConflicts.as_view(), name="integration_conflicts"),
    path(f"{ONE}/deliveries", deliveries.Deliveries.as_view(), name="integration_deliveries"),
    path(f"{ONE}/deliveries/<int:delivery>", deliveries.Delivery.as_view(), name="delivery"),
    path(f"{ONE}/deliveries/<int:delivery>/replay", deliveries.Replay.as_view(), name="replay_delivery"),
    path(f"{ONE}/settings", settings.Settings.as_view(), name="integration_settings"),
    path(f"{ONE}/sync", actions.Sync.as_view(), name="sync"),
    path(f"{ONE}/status", actions.ChangeStatus.as_view(), name="change_status"),
    path(f"{ONE}/test", actions.TestConnection.as_view(), name="test_connection"),
    path(f"{ONE}/retry", actions.RetryFailed.as_view(), name="retry_failed"),
    path(f"{ONE}/delete", removing.Remove.as_view(), name="delete_integration"),
]
