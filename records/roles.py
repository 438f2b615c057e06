"""Who manages: members of these Django groups, each in the organizations they belong to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from records.models import Organization

ROLES = ("WEB_STEWARD", "BOARD_CHAIR")


def stewards(organization: Organization) -> QuerySet[User]:
    """Active users of the organization with one of the roles."""
    mine = User.objects.filter(is_active=True, memberships__organization=organization, groups__name__in=ROLES)
    return mine.order_by("pk").distinct()


def manages(request: HttpRequest) -> bool:
    """Staff with one of the roles, or a superuser. Asked once per request."""
    known = vars(request).get("_manages")
    if known is None:
        known = vars(request)["_manages"] = _manages(request.user)
    return bool(known)


def _manages(user: Any) -> bool:
    if not (user.is_active and user.is_staff):
        return False
    return bool(user.is_superuser or user.groups.filter(name__in=ROLES).exists())


def organizations_of(request: HttpRequest) -> QuerySet[Organization]:
    """Those a person belongs to; all for a superuser."""
    if request.user.is_superuser:
        return Organization.objects.all()
    return Organization.objects.filter(memberships__user__pk=request.user.pk or 0)
