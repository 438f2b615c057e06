"""Runs that wait for a person: deletes that are too many to be believed, and plans."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Action, Refused
from integrations.enums import JobStatus
from integrations.models import Integration, JobExecution
from sync_engine.api import asking, stopping

MOST = 20


@dataclass(frozen=True)
class Approval:
    """One run that waits. `sentences` say what for; `plan` = nothing was written by it."""

    run: JobExecution
    sentences: list[str]
    plan: bool
    address: str


def approvals(integrations: QuerySet[Integration]) -> list[Approval]:
    """Of each integration the latest finished run, where it waits: an older question was asked again by it, or has
    answered itself."""
    ended = JobExecution.objects.filter(integration=OuterRef("pk")).exclude(
        status__in=(JobStatus.PENDING, JobStatus.RUNNING, JobStatus.CANCELLED)
    )
    latest = integrations.annotate(latest=Subquery(ended.order_by("-started_at").values("pk")[:1])).values("latest")
    waiting = JobExecution.objects.filter(pk__in=latest, status=JobStatus.AWAITING_APPROVAL)
    return [_approval(run) for run in waiting.select_related("integration").order_by("-started_at")[:MOST]]


def _approval(run: JobExecution) -> Approval:
    plan = bool(run.options.get("dryRun"))
    try:
        address = reverse("console:run", args=[run.pk])
    except NoReverseMatch:
        address = reverse("admin:integrations_jobexecution_change", args=[run.pk])
    return Approval(run, [line for line in run.error_message.splitlines() if line], plan, address)


class GoOn(Action):
    """The person has looked at the number of deletes, or at the plan: carried out by a worker."""

    def act(self) -> str:
        run = self.own_run(self.kwargs["pk"])
        try:
            asking.approve(run, self.who)
        except (asking.NothingToApply, asking.Stopped) as error:
            raise Refused(str(error)) from error
        return str(_("Approved. A worker carries it out now."))

    def after(self) -> str:
        return _inbox()


class LeaveIt(Action):
    """Nothing of it is carried out. A later run asks again, if there is still a reason to."""

    def act(self) -> str:
        run = self.own_run(self.kwargs["pk"])
        if run.status != JobStatus.AWAITING_APPROVAL:
            raise Http404
        try:
            stopping.cancel(run, self.who)
        except stopping.AlreadyOver as error:
            raise Refused(str(error)) from error
        if run.options.get("dryRun"):
            return str(_("Discarded; nothing was written."))
        return str(_("Left as it is; nothing was deleted. The next full run looks again."))

    def after(self) -> str:
        return _inbox()


def _inbox() -> str:
    return reverse("console:conflicts")
