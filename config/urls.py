"""URLs of Lockstep."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("dashboard/admin/", admin.site.urls),
    path("api/", include("config.api_urls")),
]
