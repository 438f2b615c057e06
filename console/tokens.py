"""API tokens of whoever is signed in: made (shown once), looked over, revoked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.pages import Action, Page
from records import tokens
from records.models import ApiToken

MOST = 20
"""Tokens in force of one person; a program that makes one at every start would never end."""
REVOKED = 10
"""Revoked ones that are still shown."""


class Tokens(Page):
    """GET lists them; POST makes one, whose only showing is the answer itself."""

    template_name = "console/tokens.html"
    title = gettext_lazy("API tokens")

    def context(self) -> dict[str, Any]:
        mine = ApiToken.objects.filter(user=self.request.user.pk)
        in_force = list(mine.filter(revoked_at=None))
        return {
            "tokens": in_force,
            "revoked": mine.exclude(revoked_at=None).order_by("-revoked_at")[:REVOKED],
            "full": len(in_force) >= MOST,
            "most": MOST,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.context()["full"]:
            return self.show(status=409)
        answer = self.show(token=tokens.issue(request.user))  # type: ignore[arg-type]
        answer["Cache-Control"] = "no-store"
        return answer


class RevokeToken(Action):
    """For good; programs that use it are refused from then on."""

    def act(self) -> str:
        found = get_object_or_404(ApiToken, user=self.request.user.pk, revoked_at=None, pk=self.kwargs["pk"])
        tokens.end(found)
        return _("Revoked. Programs that use it are refused from now on.")

    def after(self) -> str:
        return reverse("console:tokens")
