"""What every view of the API stands on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rest_framework.generics import GenericAPIView

from records.api.permissions import IsSteward, organization_of
from records.models import Organization
from records.origins import Origin


class Door(GenericAPIView):
    """Asks for the role and knows the organization of the call."""

    permission_classes = (IsSteward,)

    @cached_property
    def organization(self) -> Organization:
        return organization_of(self.request)

    @property
    def who(self) -> str:
        """The user's name, for the record."""
        return str(self.request.user.get_username())

    @property
    def origin(self) -> Origin:
        return Origin("api", str(self.request.user.pk), self.who)

    @property
    def drawing(self) -> bool:
        """True while the OpenAPI schema is made, without a user."""
        return bool(getattr(self, "swagger_fake_view", False))

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Whoever belongs to no organization is told so before anything is looked up."""
        super().initial(request, *args, **kwargs)
        self.organization  # noqa: B018 - raises
