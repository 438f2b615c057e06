from __future__ import annotations

from django.urls import path

from console.logs import detail, export, lists

urlpatterns = [
    path("logs", lists.Logs.as_view(), name="logs"),
    path("logs.csv", export.Export.as_view(), name="logs_csv"),
    path("logs/<int:pk>", detail.Log.as_view(), name="log"),
    path("integrations/<uuid:pk>/logs", lists.IntegrationLogs.as_view(), name="integration_logs"),
]
