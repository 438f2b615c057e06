from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from console.integrations import lists, overview

urlpatterns = [
    path("integrations", lists.Integrations.as_view(), name="integrations"),
    path("integrations/", RedirectView.as_view(pattern_name="console:integrations")),
    path("integrations/<uuid:pk>", overview.Overview.as_view(), name="integration"),
]
