"""What a user may: stewards and chairs manage, each in organizations of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from records.models import Organization
from records.roles import ROLES

HEADER = "X-Organization"


class IsSteward(BasePermission):
    """Member of the group WEB_STEWARD or BOARD_CHAIR."""

    message = f"This needs the role {' or '.join(ROLES)}."

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_steward(request.user)


def is_steward(user: Any) -> bool:
    return bool(user and user.is_authenticated and user.groups.filter(name__in=ROLES).exists())


def organization_of(request: Request) -> Organization:
    """The organization a call is about: the user's only one, or the one named in `X-Organization` by slug or
    id. Raises 403 without a membership, 404 for somebody else's, 400 where it must be named."""
    mine = Organization.objects.filter(memberships__user=request.user)
    if named := request.headers.get(HEADER, ""):
        chosen = mine.filter(**_by(named)).first()
        if chosen is None:
            raise NotFound("There is no such organization.")
        return chosen
    found = list(mine[:2])
    if not found:
        raise PermissionDenied("You belong to no organization.")
    if len(found) > 1:
        raise ValidationError({HEADER: ["You belong to several organizations: name one by its slug or id."]})
    return found[0]


def _by(named: str) -> dict[str, Any]:
    try:
        return {"pk": UUID(named)}
    except ValueError:
        return {"slug": named.replace("\0", "")}
