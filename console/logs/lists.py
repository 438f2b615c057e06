"""What was written, and what went wrong: one row per record and write."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from console.pages import Page
from console.paging import paged
from integrations.models import SyncLog


class Logs(Page):
    template_name = "console/logs/list.html"
    title = _("Logs")

    def context(self) -> dict[str, Any]:
        own = SyncLog.objects.filter(integration__in=self.integrations).select_related("integration")
        return {"page": paged(own, self.request.GET)}
