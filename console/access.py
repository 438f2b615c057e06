"""Who may enter the console, and what of it is theirs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from records.api.permissions import ROLES


def manages(request: HttpRequest) -> bool:
    """Staff with the role of a steward or a chair, or a superuser. Asked once per request."""
    known = vars(request).get("_manages")
    if known is None:
        known = vars(request)["_manages"] = _manages(request.user)
    return bool(known)


def _manages(user: Any) -> bool:
    if not (user.is_active and user.is_staff):
        return False
    return bool(user.is_superuser or user.groups.filter(name__in=ROLES).exists())
