"""Runs, the latest first: of all integrations, and of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from console.integrations.tabs import Tab
from console.pages import Page
from console.paging import paged
from integrations.enums import JobStatus, JobType
from integrations.models import JobExecution

UNDER_WAY = (JobStatus.RUNNING, JobStatus.PENDING)
LIVE = 5
"""Seconds between looks at a list on which something moves; a quiet list is looked at every `QUIET`."""
QUIET = 30


class RunFilter(forms.Form):
    """By status and kind."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *JobStatus.choices])
    job_type = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), *JobType.choices])


def listed(runs: QuerySet[JobExecution], asked: QueryDict) -> dict[str, Any]:
    """What the list shows, by the index of the time they started."""
    form = RunFilter(asked)
    chosen = {name: value for name, value in (form.cleaned_data if form.is_valid() else {}).items() if value}
    page = paged(
        runs.filter(**chosen).select_related("integration").defer("integration__credentials"),
        asked,
        key=("started_at", "pk"),
    )
    moves = any(run.status in UNDER_WAY for run in page)
    return {"form": form, "filtered": bool(chosen), "page": page, "seconds": LIVE if moves else QUIET}


class Runs(Page):
    """Of all integrations."""

    template_name = "console/runs/list.html"
    title = _("Runs")

    def context(self) -> dict[str, Any]:
        return listed(JobExecution.objects.filter(integration__in=self.integrations), self.request.GET)


class IntegrationRuns(Tab):
    """The tab of one integration."""

    key = "runs"
    template_name = "console/runs/of_integration.html"

    def context(self) -> dict[str, Any]:
        return listed(self.one.job_executions.all(), self.request.GET)
