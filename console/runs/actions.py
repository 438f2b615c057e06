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
from sync_engine.running import added_types
from sync_engine.running.retry import retry_failed
from sync_engine.running.runs import Options
from sync_engine.undo import rollback


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
        added = added_types.looks().filter(pk=self.run.pk).exists()
        try:
            status = stopping.cancel(self.run, self.who)
        except stopping.AlreadyOver as error:
            raise Refused(_("This run is over; there is nothing to cancel.")) from error
        if was_plan and added:
            return _("Discarded. Nothing was written, and these records stay out until you sync them.")
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
        if run.job_type == JobType.ROLLBACK:
            return self._roll_back_again()
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

    def _roll_back_again(self) -> str:
        try:
            self.again = rollback.again(self.run, cause=_("started by %(who)s") % {"who": self.who})
        except rollback.CannotRollBack as error:
            raise Refused(str(error)) from error
        return _("It goes on where it broke off.")

    def after(self) -> str:
        return reverse("console:run", args=[self.again.pk]) if self.again else super().after()
