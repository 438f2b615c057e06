from __future__ import annotations

from django.urls import path

from console.runs.lists import Runs

urlpatterns = [path("runs", Runs.as_view(), name="runs")]
