"""What was written, and what went wrong: one row per record and write."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.integrations.tabs import Tab
from console.logs.asked import LogFilter, chosen
from console.logs.window import looked_through, unnarrowed
from console.pages import Page
from console.records.addresses import linked_to_records
from integrations.models import Integration, SyncLog

SECONDS = 15


def listed(own: QuerySet[Integration], asked: QueryDict, *, one: Integration | None = None) -> dict[str, Any]:
    """What the list shows. Payloads are left where they are; the page of a row has them."""
    form = LogFilter(asked, integrations=None if one else own)
    wanted = form.asked()
    rows, names = rows_of(own), dict(own.values_list("pk", "name"))
    fitting = chosen(rows, wanted, own).defer("before", "after", "request_payload", "response_payload", "error_stack")
    found = looked_through(rows, fitting, asked) if wanted else unnarrowed(fitting, [*names], asked)
    export = asked.copy()
    for name in ("before", "after"):
        export.pop(name, None)
    if one is not None:
        export["integration"] = str(one.pk)
    first = not (asked.get("before") or asked.get("after"))
    return {
        "form": form,
        "filtered": bool(wanted),
        "page": found.page,
        "further": found.further,
        "rows": [(log, names.get(log.integration_id, "")) for log in found.page],
        "places": linked_to_records((log.resource_type, log.resource_id) for log in found.page if _is_ours(log)),
        "export": f"{reverse('console:logs_csv')}?{export.urlencode()}",
        "one": one,
        "seconds": SECONDS if first else 0,
    }


def rows_of(own: QuerySet[Integration]) -> QuerySet[SyncLog]:
    """By plain ids: for one integration an index has them in order, for several the primary key is read backward."""
    ids = list(own.order_by().values_list("pk", flat=True))
    return (
        SyncLog.objects.filter(integration_id=ids[0])
        if len(ids) == 1
        else SyncLog.objects.filter(integration_id__in=ids)
    )


def _is_ours(log: SyncLog) -> bool:
    return bool(log.resource_id) and len(log.resource_id or "") == 36


class Logs(Page):
    """Of all integrations."""

    template_name = "console/logs/list.html"
    title = _("Logs")

    def context(self) -> dict[str, Any]:
        return listed(self.integrations, self.request.GET)


class IntegrationLogs(Tab):
    """The tab of one integration."""

    key = "logs"
    template_name = "console/logs/of_integration.html"

    def context(self) -> dict[str, Any]:
        return listed(self.integrations.filter(pk=self.one.pk), self.request.GET, one=self.one)
