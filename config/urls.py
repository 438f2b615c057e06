"""URLs of Lockstep."""

from django.contrib import admin
from django.urls import include, path

from config.metrics import metrics
from config.probes import healthz, readyz
from console.preferences import choose_language
from integrations.notify.views import Unsubscribe
from sync_engine.api.views.oauth import callback
from sync_engine.webhooks.receive import receive

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("dashboard/admin/", include("console.urls")),
    path("dashboard/admin/language/setlang/", choose_language, name="set_language"),
    path("dashboard/admin/", admin.site.urls),
    path("api/webhooks/integrations/<uuid:id>", receive),  # as R1's flows call it
    path("api/webhooks/integrations/<uuid:id>/receive", receive),
    path("api/oauth/callback/<slug:key>", callback, name="oauth-callback"),
    path("notifications/unsubscribe/<str:token>", Unsubscribe.as_view()),
    path("api/", include("config.api_urls")),
]
