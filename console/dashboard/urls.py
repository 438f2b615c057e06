from __future__ import annotations

from django.urls import path

from console.dashboard.views import Dashboard

urlpatterns = [path("", Dashboard.as_view(), name="dashboard")]
