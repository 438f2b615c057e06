"""Addresses of the review of conflicts."""

from __future__ import annotations

from django.urls import path

from console.conflicts import card, deciding, inbox, many, suggestions, waiting

ROOT = "integrations/conflicts"
ONE = f"{ROOT}/<uuid:pk>"

urlpatterns = [
    path(ROOT, inbox.Inbox.as_view(), name="conflicts"),
    path(f"{ROOT}/many", many.Many.as_view(), name="conflicts_many"),
    path(f"{ROOT}/many/<uuid:pk>", many.BulkPage.as_view(), name="conflicts_bulk"),
    path(f"{ROOT}/many/<uuid:pk>/approve", many.Approve.as_view(), name="conflicts_bulk_approve"),
    path(f"{ROOT}/many/<uuid:pk>/cancel", many.Cancel.as_view(), name="conflicts_bulk_cancel"),
    path(f"{ROOT}/suggestions", suggestions.Suggestions.as_view(), name="conflicts_suggestions"),
    path(f"{ROOT}/suggestions/promote", suggestions.Promote.as_view(), name="conflicts_promote"),
    path(f"{ROOT}/suggestions/withdraw", suggestions.Withdraw.as_view(), name="conflicts_withdraw"),
    path(f"{ROOT}/suggestions/dismiss", suggestions.Dismiss.as_view(), name="conflicts_dismiss"),
    path(f"{ROOT}/suggestions/restore", suggestions.Restore.as_view(), name="conflicts_restore"),
    path(ONE, card.Card.as_view(), name="conflict"),
    path(f"{ONE}/ignore", deciding.Ignore.as_view(), name="conflict_ignore"),
    path(f"{ONE}/reopen", deciding.Reopen.as_view(), name="conflict_reopen"),
    path(f"{ROOT}/runs/<uuid:pk>/approve", waiting.GoOn.as_view(), name="approval_approve"),
    path(f"{ROOT}/runs/<uuid:pk>/leave", waiting.LeaveIt.as_view(), name="approval_leave"),
]
