"""The first page: how everything is, and what waits for a person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Page


class Dashboard(Page):
    template_name = "console/dashboard/page.html"
    title = _("Dashboard")

    def without_role(self, request: HttpRequest) -> HttpResponseBase:
        """Staff who keep records alone land on the tables that they may see."""
        return HttpResponseRedirect(reverse("console:tables"))

    def context(self) -> dict[str, Any]:
        return {
            "integrations": self.integrations.order_by("name")[:200],
            "add": reverse("console:add"),
        }
