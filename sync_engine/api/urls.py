"""Addresses of the integrations, by R1's names."""

from __future__ import annotations

from django.urls import path

from sync_engine.api.views import integrations

urlpatterns = [
    path("admin/integrations", integrations.Integrations.as_view()),
    path("admin/integrations/<uuid:integration_id>", integrations.IntegrationDetail.as_view()),
]
