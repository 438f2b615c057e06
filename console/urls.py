"""Addresses of the console, under `/dashboard/admin/` and before the admin's own. Each part brings its own list."""

from __future__ import annotations

from django.urls import include, path

from console.preferences import Preferences
from console.tables import all_tables
from console.tokens import RevokeToken, Tokens

app_name = "console"
urlpatterns = [
    path("", include("console.dashboard.urls")),
    path("", include("console.wizard.urls")),
    path("", include("console.mappings.urls")),
    path("", include("console.integrations.urls")),
    path("", include("console.conflicts.urls")),
    path("", include("console.runs.urls")),
    path("", include("console.logs.urls")),
    path("", include("console.records.urls")),
    path("", include("console.automations.urls")),
    path("", include("console.boards.urls")),
    path("preferences", Preferences.as_view(), name="preferences"),
    path("tokens", Tokens.as_view(), name="tokens"),
    path("tokens/<int:pk>/revoke", RevokeToken.as_view(), name="revoke_token"),
    path("tables", all_tables, name="tables"),
]
