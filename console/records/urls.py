from __future__ import annotations

from django.urls import path

from console.records import page

urlpatterns = [
    path("records/<slug:kind>/<uuid:pk>", page.Explain.as_view(), name="explain"),
    path("records/<slug:kind>/<uuid:pk>/sync", page.SyncRecord.as_view(), name="sync_record"),
]
