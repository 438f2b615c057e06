"""Addresses of conflicts: R1's two, and those of their review."""

from __future__ import annotations

from django.urls import path

from sync_engine.api.views import bulk, conflicts, suggestions

ROOT = "admin/integrations/conflicts"
BULK = f"{ROOT}/bulk/<uuid:bulk_id>"
CONFLICT = f"{ROOT}/<uuid:conflict_id>"

urlpatterns = [
    path(ROOT, conflicts.Conflicts.as_view()),
    path(f"{ROOT}/summary", conflicts.Summary.as_view()),
    path(f"{ROOT}/bulk", bulk.Bulk.as_view()),
    path(f"{ROOT}/suggestions", suggestions.Suggestions.as_view()),
    path(f"{ROOT}/suggestions/try", suggestions.Try.as_view()),
    path(f"{ROOT}/suggestions/promote", suggestions.Promote.as_view()),
    path(BULK, bulk.BulkDetail.as_view()),
    path(f"{BULK}/steps", bulk.BulkSteps.as_view()),
    path(f"{BULK}/approve", bulk.BulkApprove.as_view()),
    path(f"{BULK}/cancel", bulk.BulkCancel.as_view()),
    path(CONFLICT, conflicts.ConflictDetail.as_view()),
    path(f"{CONFLICT}/review", conflicts.Review.as_view()),
    path(f"{CONFLICT}/preview", conflicts.Preview.as_view()),
    path(f"{CONFLICT}/history", conflicts.History.as_view()),
    path(f"{CONFLICT}/resolve", conflicts.Resolve.as_view()),
    path(f"{CONFLICT}/ignore", conflicts.Ignore.as_view()),
    path(f"{CONFLICT}/reopen", conflicts.Reopen.as_view()),
]
