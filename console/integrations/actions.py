"""The buttons of an integration. Each calls the service that the API calls."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.base.errors import ConnectorError
from console.pages import Action, Refused, safe_next
from integrations.enums import IntegrationStatus
from integrations.models import Integration, JobExecution
from sync_engine.api import asking, connection
from sync_engine.ports import ports
from sync_engine.running.retry import retry_failed
from sync_engine.running.runs import sentence_for
from sync_engine.running.schedule import RUNNABLE

MODES: dict[str, dict[str, Any]] = {"now": {}, "preview": {"dry_run": True}, "full": {"full": True}}
"""What `mode` asks of a run: what has changed, a plan that writes nothing, or a comparison of everything."""


class IntegrationAction(Action):
    """Does something with the integration of the address."""

    @cached_property
    def one(self) -> Integration:
        return self.integration(self.kwargs["pk"])

    def after(self) -> str:
        return safe_next(self.request) or reverse("console:integration", args=[self.one.pk])

    def start(self, **options: Any) -> JobExecution:
        """Files a run. Raises `Refused` where the integration is stopped."""
        try:
            return asking.ask(self.one, cause=_("started by %(who)s") % {"who": self.who}, **options)
        except asking.Stopped as error:
            raise Refused(_("'%(name)s' is stopped. Resume it first.") % {"name": self.one.name}) from error


class Sync(IntegrationAction):
    """Starts a run and goes to its page, which shows how it proceeds."""

    run: JobExecution | None = None

    def act(self) -> str:
        mode = self.request.POST.get("mode", "now")
        if mode not in MODES:
            raise Refused(_("There is no such kind of run."))
        self.run = self.start(**MODES[mode])
        return ""

    def after(self) -> str:
        return reverse("console:run", args=[self.run.pk]) if self.run else super().after()


class SyncAll(Action):
    """R1's "Refresh all": a run of each integration that is not stopped."""

    def act(self) -> str:
        chosen = list(self.integrations.filter(status__in=RUNNABLE)[:200])
        if not chosen:
            raise Refused(_("No integration is active, so nothing was started."))
        for one in chosen:
            asking.ask(one, cause=_("started by %(who)s") % {"who": self.who})
        return ngettext("%(number)d sync was started.", "%(number)d syncs were started.", len(chosen)) % {
            "number": len(chosen)
        }

    def after(self) -> str:
        return safe_next(self.request) or reverse("console:integrations")


class ChangeStatus(IntegrationAction):
    """Pauses and resumes."""

    def act(self) -> str:
        wanted = self.request.POST.get("status")
        if wanted not in (IntegrationStatus.ACTIVE, IntegrationStatus.PAUSED):
            raise Refused(_("An integration can be paused or resumed."))
        self.one.status = wanted
        self.one.save(update_fields=["status", "updated_at"])
        if wanted == IntegrationStatus.PAUSED:
            return _("Paused. Changes made here meanwhile wait and are not lost.")
        return _("Active again. What has waited is synced by the next run.")


class TestConnection(IntegrationAction):
    """Calls the provider once."""

    def act(self) -> str:
        try:
            found = connection.probe(self.one)
        except ConnectorError as error:
            raise Refused(_("The connection does not work: %(why)s") % {"why": sentence_for(error)}) from error
        name = found.account.name or found.account.id
        return _("The connection works. Account: %(name)s; answered in %(ms)d ms.") % {
            "name": name, "ms": found.milliseconds,
        }  # fmt: skip


class RetryFailed(IntegrationAction):
    """Queues what was parked or put off, and starts a run that tries it."""

    def act(self) -> str:
        queued = retry_failed(self.one, ports().clock.now()).total
        if not queued:
            return _("Nothing is parked or put off, so there is nothing to retry.")
        self.start()
        return ngettext("%(number)d record is tried again.", "%(number)d records are tried again.", queued) % {
            "number": queued
        }
