"""All integrations of one's organizations."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Page


class Integrations(Page):
    template_name = "console/integrations/list.html"
    title = _("Integrations")

    def context(self) -> dict[str, Any]:
        return {
            "integrations": self.integrations.order_by("name")[:200],
            "add": reverse("console:add"),
        }
