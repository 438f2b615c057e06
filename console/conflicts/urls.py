"""Addresses of the review of conflicts."""

from __future__ import annotations

from django.urls import path

from console.conflicts import card, deciding, inbox, waiting

ROOT = "integrations/conflicts"
ONE = f"{ROOT}/<uuid:pk>"

urlpatterns = [
    path(ROOT, inbox.Inbox.as_view(), name="conflicts"),
    path(ONE, card.Card.as_view(), name="conflict"),
    path(f"{ONE}/ignore", deciding.Ignore.as_view(), name="conflict_ignore"),
    path(f"{ONE}/reopen", deciding.Reopen.as_view(), name="conflict_reopen"),
    path(f"{ROOT}/runs/<uuid:pk>/approve", waiting.GoOn.as_view(), name="approval_approve"),
    path(f"{ROOT}/runs/<uuid:pk>/leave", waiting.LeaveIt.as_view(), name="approval_leave"),
]
