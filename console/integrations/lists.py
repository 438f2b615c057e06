"""All integrations of one's organizations, with how each is and when it syncs next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connectors.base import registry
from console.pages import Page
from integrations import health
from integrations.enums import IntegrationStatus
from integrations.health import Health
from integrations.models import Integration
from sync_engine.api import stats
from sync_engine.ports import ports
from sync_engine.running import upcoming
from sync_engine.running.schedule import RUNNABLE

MOST = 200
"""Integrations on a page; beyond it, the search leads faster."""


@dataclass(frozen=True, slots=True)
class Row:
    """An integration as the list shows it; `stats` are R1's figures."""

    integration: Integration
    connector: str
    health: Health
    stats: dict[str, Any]
    next_sync: datetime | None
    stopped: bool


class ListFilter(forms.Form):
    """R1's filters: status, type, and a part of the name."""

    search = forms.CharField(label=_("Name"), required=False, max_length=120)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *IntegrationStatus.choices])
    type = forms.ChoiceField(label=_("Type"), required=False)

    def __init__(self, *args: Any, types: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [("", _("Any")), *((one, connector_label(one)) for one in types)]  # type: ignore[attr-defined]


class Integrations(Page):
    """R1's integrations dashboard."""

    template_name = "console/integrations/list.html"
    title = _("Integrations")

    def context(self) -> dict[str, Any]:
        types = sorted(set(self.integrations.values_list("type", flat=True)))
        form = ListFilter(self.request.GET, types=types)
        asked = form.cleaned_data if form.is_valid() else {}
        found = self.integrations.select_related("organization").defer("credentials", "webhook_secret")
        if asked.get("search"):
            found = found.filter(name__icontains=asked["search"].replace("\0", ""))
        for name in ("status", "type"):
            if asked.get(name):
                found = found.filter(**{name: asked[name]})
        listed = list(found.order_by("name", "pk")[: MOST + 1])
        return {
            "form": form,
            "rows": rows_of(listed[:MOST]),
            "more": len(listed) > MOST,
            "most": MOST,
            "any": bool(types),
            "several": len({one.organization_id for one in listed}) > 1,
            "add": add_address(),
        }


def rows_of(integrations: Sequence[Integration]) -> list[Row]:
    """A handful of queries for any number of them."""
    now = ports().clock.now()
    stats.attach(integrations)
    found, next_starts = health.latest(integrations, now), upcoming.next_starts(integrations, now)
    return [
        Row(
            integration=one,
            connector=connector_label(one.type),
            health=found[one.pk],
            stats=vars(one)["stats"],
            next_sync=next_starts[one.pk],
            stopped=one.status not in RUNNABLE,
        )
        for one in integrations
    ]


def connector_label(type: str) -> str:
    """The provider's name; the type itself where its connector is not installed any more."""
    key = type.lower()
    return registry.get(key).label if key in registry.keys() else type  # noqa: SIM118 - a function of the registry


def add_address() -> str:
    """Where "Add integration" leads."""
    return reverse("console:add")
