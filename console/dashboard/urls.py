from __future__ import annotations

from django.urls import path

from console.dashboard.acknowledging import Acknowledge
from console.dashboard.views import Dashboard

urlpatterns = [
    path("", Dashboard.as_view(), name="dashboard"),
    path("alerts/<int:pk>/acknowledge", Acknowledge.as_view(), name="acknowledge_alert"),
]
