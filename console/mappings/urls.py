from __future__ import annotations

from django.urls import path

from console.mappings import views

ONE = "integrations/<uuid:pk>/fields"

urlpatterns = [
    path(ONE, views.FieldRules.as_view(), name="integration_rules"),
    path(f"{ONE}/<slug:kind>", views.Editor.as_view(), name="edit_mapping"),
    path(f"{ONE}/<slug:kind>/preview", views.Preview.as_view(), name="preview_mapping"),
    path(f"{ONE}/<slug:kind>/versions", views.Versions.as_view(), name="mapping_versions"),
]
