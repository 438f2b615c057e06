from __future__ import annotations

from django.urls import path

from console.wizard import views

urlpatterns = [
    path("integrations/add", views.Choose.as_view(), name="add"),
    path("integrations/add/<uuid:draft>/basics", views.Basics.as_view(), name="add-basics"),
    path("integrations/add/<uuid:draft>/credentials", views.Credentials.as_view(), name="add-credentials"),
    path("integrations/add/<uuid:draft>/sync", views.Sync.as_view(), name="add-sync"),
    path("integrations/add/<uuid:draft>/review", views.Review.as_view(), name="add-review"),
    path("integrations/add/<uuid:draft>/discard", views.Discard.as_view(), name="add-discard"),
    path("integrations/<uuid:pk>/sign-in", views.SignIn.as_view(), name="sign-in"),
]
