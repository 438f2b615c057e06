"""A job: details, where it stands on boards, and the states that it went through."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.boards.doors import OfBoards
from console.boards.forms import JobForm
from console.boards.item import SAID
from console.pages import Action, Page, Refused
from jobs_boards import selectors
from jobs_boards.models import Job
from records import catalog
from records import services as records
from records.models import Organization
from sync_engine.jobs import boards, by_hand

CHANGES = 30


class OfJob(OfBoards):
    """Knows the job of the address."""

    @cached_property
    def one(self) -> Job:
        return self.job(self.kwargs["pk"])


class JobPage(OfJob, Page):
    """To be read; the form is a page of its own."""

    template_name = "console/boards/job.html"

    def heading(self) -> str:
        return self.one.title

    def parents(self) -> Iterable[tuple[Any, str]]:
        return ((_("Jobs"), reverse("console:jobs")),)

    def context(self) -> dict[str, Any]:
        links = {link.external_id: link for link in boards.links_of_job(self.one)}
        colors = {one.name: one.color for one in selectors.statuses_of(self.one.organization_id)}
        changes = list(self.one.state_changes.all()[: CHANGES + 1])
        return {
            "job": self.one,
            "color": colors.get(self.one.status, "gray"),
            "items": [(item, links.get(str(item.pk))) for item in boards.items_of(self.one)],
            "connected": bool(boards.integrations_for(self.one.organization_id)),
            "changes": [(one, colors.get(one.new_status, "gray")) for one in changes[:CHANGES]],
            "more_changes": len(changes) > CHANGES,
        }


class Writes(OfBoards, Page):
    """A job's form."""

    template_name = "console/boards/job_form.html"

    def parents(self) -> Iterable[tuple[Any, str]]:
        return ((_("Jobs"), reverse("console:jobs")),)

    def save(self, form: JobForm) -> Job:
        raise Http404

    def form(self, data: Any = None) -> JobForm:
        raise Http404

    def context(self) -> dict[str, Any]:
        return {"form": self.form()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return HttpResponseRedirect(reverse("console:job", args=[self.save(form).pk]))
            except records.InvalidValues as problem:
                form.add_error(None, str(problem))
        return self.show(status=422, form=form)


class NewJob(Writes):
    """For the organization of the address, else for the first of one's own."""

    title = gettext_lazy("New job")

    @cached_property
    def organization(self) -> Organization:
        if wanted := self.request.GET.get("organization"):
            return get_object_or_404(self.organizations, slug=wanted)
        found = self.organizations.order_by("name").first()
        if found is None:
            raise Http404
        return found

    def form(self, data: Any = None) -> JobForm:
        return JobForm(self.organization, None, data)

    def save(self, form: JobForm) -> Job:
        given = {**form.changes(), "status": form.cleaned_data["status"]}
        made = records.create(catalog.get("job"), str(self.organization.pk), given, self.origin)
        assert isinstance(made, Job)
        return made


class EditJob(OfJob, Writes):
    """Writes only what was changed."""

    def heading(self) -> str:
        return self.one.title

    def form(self, data: Any = None) -> JobForm:
        return JobForm(self.one.organization, self.one, data)

    def context(self) -> dict[str, Any]:
        return {"form": self.form(), "job": self.one}

    def save(self, form: JobForm) -> Job:
        organization = str(self.one.organization_id)
        written = records.update(catalog.get("job"), organization, str(self.one.pk), form.changes(), self.origin)
        assert isinstance(written, Job)
        return written


class DeleteJob(OfJob, Action):
    """Softly, with its items."""

    def act(self) -> Any:
        title = self.one.title
        records.delete(catalog.get("job"), str(self.one.organization_id), str(self.one.pk), self.origin)
        return _("“%(name)s” is deleted. Its board items follow.") % {"name": title}

    def after(self) -> str:
        return reverse("console:jobs")


class SyncToBoard(OfJob, Action):
    """R0's button."""

    def act(self) -> Any:
        try:
            return SAID[by_hand.job_to_board(self.one, self.who, self._chosen()).action]
        except by_hand.CannotSync as problem:
            raise Refused(str(problem)) from problem

    def _chosen(self) -> Any:
        if not (given := self.request.POST.get("board", "")):
            return None
        try:
            return by_hand.integration_of_board(self.board(UUID(given)))
        except ValueError:
            raise Http404 from None
