"""Who manages: members of these Django groups, each in the organizations they belong to."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import QuerySet

from records.models import Organization

ROLES = ("WEB_STEWARD", "BOARD_CHAIR")


def stewards(organization: Organization) -> QuerySet[User]:
    """Active users of the organization with one of the roles."""
    mine = User.objects.filter(is_active=True, memberships__organization=organization, groups__name__in=ROLES)
    return mine.order_by("pk").distinct()
