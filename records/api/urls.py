"""Addresses of the records, and of the log of what people did."""

from __future__ import annotations

from django.urls import path

from records.api.audit import AuditExport, AuditLog
from records.api.records import addresses

urlpatterns = [path("admin/audit", AuditLog.as_view()), path("admin/audit/export", AuditExport.as_view()), *addresses()]
