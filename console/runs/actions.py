"""The buttons of a run."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.pages import Action, Refused, safe_next
from integrations.enums import JobStatus, JobType
from integrations.models import JobExecution
from sync_engine.api import asking, stopping
from sync_engine.ports import ports
from sync_engine.retry import retry_failed
from sync_engine.runs import Options


class RunAction(Action):
    """Does something with the run of the address."""

    @cached_property
    def run(self) -> JobExecution:
        return self.own_run(self.kwargs["pk"])

    def after(self) -> str:
        return safe_next(self.request) or reverse("console:run", args=[self.run.pk])


class Approve(RunAction):
    """Carries out what the plan showed, and goes to the run that does it."""

    started: JobExecution | None = None

    def act(self) -> str:
        try:
            self.started = asking.approve(self.run, self.who)
        except asking.NothingToApply as error:
            raise Refused(_("This run does not wait for approval any more.")) from error
        except asking.Stopped as error:
            raise Refused(_("The integration is stopped. Resume it, then approve again.")) from error
        return _("Approved. What was shown is carried out, and nothing else.")

    def after(self) -> str:
        return reverse("console:run", args=[self.started.pk]) if self.started else super().after()


class Cancel(RunAction):
    """Stops a run, or discards a plan."""

    def act(self) -> str:
        was_plan = self.run.status == JobStatus.AWAITING_APPROVAL
        try:
            status = stopping.cancel(self.run, self.who)
        except stopping.AlreadyOver as error:
            raise Refused(_("This run is over; there is nothing to cancel.")) from error
        if was_plan and self.run.job_type == JobType.INITIAL_IMPORT:
            return _("Discarded. Nothing was written, and the integration is paused. Resume it to begin again.")
        if was_plan:
            return _("Discarded. Nothing was written.")
        if status == JobStatus.CANCELLED:
            return _("Cancelled before it began.")
        return _("It stops at its next write. What it has written so far stays, and can be rolled back.")


class Retry(RunAction):
    """Tries what failed again: a whole run that broke off, or the records that were refused."""

    again: JobExecution | None = None

    def act(self) -> str:
        run = self.run
        if run.status in (JobStatus.RUNNING, JobStatus.PENDING) or run.integration is None:
            raise Refused(_("This run is still going. Wait for its end."))
        queued = retry_failed(run.integration, ports().clock.now()).total
        asked = Options.restored(run.options)
        try:
            self.again = asking.ask(
                run.integration,
                cause=_("started by %(who)s") % {"who": self.who},
                direction=asked.direction,
                resource_types=list(asked.resource_types),
                items=list(asked.items),
                full=asked.full,
                dry_run=asked.dry_run,
            )
        except asking.Stopped as error:
            raise Refused(_("The integration is stopped. Resume it first.")) from error
        return ngettext(
            "Tried again, with %(number)d record that was given up before.",
            "Tried again, with %(number)d records that were given up before.",
            queued,
        ) % {"number": queued}

    def after(self) -> str:
        return reverse("console:run", args=[self.again.pk]) if self.again else super().after()
