"""Runs of all integrations, the latest first."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from console.pages import Page
from console.paging import paged
from integrations.models import JobExecution


class Runs(Page):
    template_name = "console/runs/list.html"
    title = _("Runs")

    def context(self) -> dict[str, Any]:
        own = JobExecution.objects.filter(integration__in=self.integrations).select_related("integration")
        return {"page": paged(own, self.request.GET, key=("started_at", "pk"))}
