"""Somebody is at it: an alert is acknowledged."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from console.pages import Action, Refused
from integrations.alerts import services
from integrations.models import Alert
from sync_engine.ports import ports


class Acknowledge(Action):
    def act(self) -> str:
        alert = get_object_or_404(Alert, integration__in=self.integrations, pk=self.kwargs["pk"])
        try:
            services.acknowledge(alert, self.who, ports().clock.now())
        except services.NotOpen as error:
            raise Refused(_("This alert has ended already; there is nothing to acknowledge.")) from error
        return _("Acknowledged. Nobody is told of it again, and it ends by itself when its cause does.")
