"""The door alone."""

from django.urls import path

from sync_engine.webhooks.receive import receive

urlpatterns = [path("api/webhooks/integrations/<uuid:id>/receive", receive)]
