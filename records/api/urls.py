"""Addresses of the records."""

from __future__ import annotations

from records.api.records import addresses

urlpatterns = addresses()
