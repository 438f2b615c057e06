"""URLs of the REST API."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from records.api import openapi
from records.api.errors import not_found

__all__ = ["openapi", "urlpatterns"]

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("sync_engine.api.urls")),
    path("", include("automations.api.urls")),
    path("", include("jobs_boards.api.urls")),
    path("", include("records.api.urls")),
    path("<path:rest>", not_found),
]
