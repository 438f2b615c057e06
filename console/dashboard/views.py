"""The first page: how everything is, what runs, and what waits for a person. R1's metrics, live."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from console.dashboard.activity import recent
from console.dashboard.notices import notices
from console.integrations.lists import add_address, rows_of
from console.pages import Page
from integrations import metrics
from integrations.enums import JobStatus
from integrations.health.history import history
from integrations.models import Integration, JobExecution
from records.models import Organization
from sync_engine.ports import ports

SECONDS = 5
LINES = 8
"""Integrations whose history is drawn, the least healthy first; the list of integrations has all of them."""
CHOICE = "console_organization"


class Dashboard(Page):
    """The page of one organization; who belongs to several chooses."""

    template_name = "console/dashboard/page.html"
    title = gettext_lazy("Dashboard")

    def without_role(self, request: HttpRequest) -> HttpResponseBase:
        """Staff who keep records alone land on the tables that they may see."""
        return HttpResponseRedirect(reverse("console:tables"))

    def context(self) -> dict[str, Any]:
        choices = list(self.organizations.order_by("name")[:100])
        chosen = self._chosen(choices)
        shared = {"choices": choices, "organization": chosen, "add": add_address()}
        own = self._integrations(chosen)
        if chosen is None or not own:
            return {**shared, "rows": []}
        return {**shared, **_measured(chosen, own), "seconds": SECONDS}

    def _chosen(self, choices: list[Organization]) -> Organization | None:
        """The organization that was chosen last; the first one for whoever chose none."""
        wanted = self.request.GET.get("organization") or self.request.session.get(CHOICE)
        found = next((one for one in choices if str(one.pk) == wanted), None)
        if found is not None and self.request.session.get(CHOICE) != wanted:
            self.request.session[CHOICE] = wanted
        return found or self._with_integrations(choices)

    def _with_integrations(self, choices: list[Organization]) -> Organization | None:
        used = set(self.integrations.order_by().values_list("organization_id", flat=True).distinct())
        return next((one for one in choices if one.pk in used), choices[0] if choices else None)

    def _integrations(self, chosen: Organization | None) -> list[Integration]:
        own = self.integrations.filter(organization=chosen).select_related("organization")
        return list(own.defer("credentials", "webhook_secret").order_by("name")[:200])


def _measured(organization: Organization, own: list[Integration]) -> dict[str, Any]:
    now = ports().clock.now()
    rows = sorted(rows_of(own), key=lambda row: row.health.score)
    jobs = metrics.jobs(organization, now)
    waiting = JobExecution.objects.filter(
        integration__organization=organization, status=JobStatus.AWAITING_APPROVAL
    ).select_related("integration")[:5]
    return {
        "rows": rows,
        "metrics": metrics.dashboard(organization, now),
        "jobs": jobs,
        "lines": {str(row.integration.pk): history(row.integration, now) for row in rows[:LINES]},
        "shown": rows[:LINES],
        "under_way": [*waiting, *jobs.running],
        "notices": notices(rows),
        "activity": recent([one.pk for one in own]),
        "unapproved": len(waiting),
    }
