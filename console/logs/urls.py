from __future__ import annotations

from django.urls import path

from console.logs.lists import Logs

urlpatterns = [path("logs", Logs.as_view(), name="logs")]
