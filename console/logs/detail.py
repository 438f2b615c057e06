"""One row of the logs with its payload: before and after, who or what caused it, and the provider's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Page
from console.records.addresses import linked_to_records
from integrations.models import SyncLog


class Log(Page):
    template_name = "console/logs/log.html"
    title = _("Log entry")

    def context(self) -> dict[str, Any]:
        own = SyncLog.objects.filter(integration__in=self.integrations).select_related("integration", "run")
        log = get_object_or_404(own, pk=self.kwargs["pk"])
        places = linked_to_records([(log.resource_type, log.resource_id)]) if log.resource_id else {}
        return {"log": log, "place": places.get(log.resource_id or "")}

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Logs"), reverse("console:logs")
