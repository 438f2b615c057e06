"""The list of jobs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from console.boards.doors import OfBoards
from console.pages import Page
from console.paging import paged
from jobs_boards.models import Job, JobStatus


class JobFilter(forms.Form):
    """Everything is optional."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, data: Any, states: list[str]) -> None:
        super().__init__(data)
        self.fields["status"].choices = [("", _("All")), *((one, one) for one in states)]  # type: ignore[attr-defined]

    def narrowed(self, rows: QuerySet[Job]) -> QuerySet[Job]:
        """By title, number and address, and by status."""
        self.is_valid()
        if text := self.cleaned_data.get("text", "").replace("\0", ""):
            rows = rows.filter(Q(title__icontains=text) | Q(number__icontains=text) | Q(address_line1__icontains=text))
        if status := self.cleaned_data.get("status"):
            rows = rows.filter(status=status)
        return rows


class Jobs(OfBoards, Page):
    """The newest first."""

    title = _("Jobs")
    template_name = "console/boards/jobs.html"

    @cached_property
    def statuses(self) -> dict[str, str]:
        """Name to colour, in their order."""
        rows = JobStatus.objects.filter(organization__in=self.organizations).order_by("position", "id")
        return dict(rows.values_list("name", "color"))

    def context(self) -> dict[str, Any]:
        form = JobFilter(self.request.GET, list(self.statuses))
        rows = form.narrowed(Job.objects.filter(organization__in=self.organizations))
        page = paged(rows.select_related("lead_technician", "branch"), self.request.GET)
        return {
            "form": form,
            "page": page,
            "lines": [(job, self.statuses.get(job.status, "gray")) for job in page],
            "filtered": bool(form.cleaned_data.get("text") or form.cleaned_data.get("status")),
        }
