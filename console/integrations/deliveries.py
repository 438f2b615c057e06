"""The tab of deliveries: every webhook that came, what was thought of it, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors.base.redaction import redact
from console.integrations.actions import IntegrationAction
from console.integrations.tabs import Tab
from console.pages import Refused
from console.paging import paged
from integrations.models import WebhookDelivery
from integrations.webhooks.registration import target
from sync_engine.webhooks.replay import KEPT, ReplayRefused, replay

SHOWN = 20_000
"""Characters of a body on the page."""


class DeliveryFilter(forms.Form):
    """By what became of it."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("Any")), *WebhookDelivery.Status.choices],
    )


class Deliveries(Tab):
    """The list, the newest first."""

    key = "deliveries"
    template_name = "console/integrations/deliveries.html"

    def context(self) -> dict[str, Any]:
        form = DeliveryFilter(self.request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        chosen = WebhookDelivery.objects.filter(integration=self.one).defer("body", "headers")
        if asked.get("status"):
            chosen = chosen.filter(status=asked["status"])
        return {
            "form": form,
            "filtered": bool(asked.get("status")),
            "page": paged(chosen, self.request.GET),
            "endpoint": target(self.one),
        }


class Delivery(Tab):
    """One delivery with its headers and its body, secrets taken out."""

    key = "deliveries"
    template_name = "console/integrations/delivery.html"

    def context(self) -> dict[str, Any]:
        found = get_object_or_404(WebhookDelivery, integration=self.one, pk=self.kwargs["delivery"])
        return {"delivery": found, "body": readable_body(bytes(found.body)), "can_replay": found.verdict in KEPT}

    def heading(self) -> Any:
        return _("Delivery %(number)s") % {"number": self.kwargs["delivery"]}

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield from super().parents()
        yield self.one.name, reverse("console:integration_deliveries", args=[self.one.pk])


class Replay(IntegrationAction):
    """Works on a kept delivery once more."""

    def act(self) -> str:
        found = get_object_or_404(WebhookDelivery, integration=self.one, pk=self.kwargs["delivery"])
        try:
            number = replay(found)
        except ReplayRefused as error:
            raise Refused(str(error)) from error
        return ngettext("%(number)d record is read again.", "%(number)d records are read again.", number) % {
            "number": number
        }


def readable_body(body: bytes) -> str:
    """JSON indented, with secrets taken out; anything else as the text that it is."""
    try:
        text = json.dumps(redact(json.loads(body)), indent=2, ensure_ascii=False)
    except ValueError:
        text = body.decode("utf-8", "replace")
    return text if len(text) <= SHOWN else text[:SHOWN] + "\n…"
