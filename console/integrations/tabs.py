"""What the tabs of an integration share: the integration, its heading and buttons, and the row of tabs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Page
from integrations.models import Integration
from sync_engine.running.schedule import RUNNABLE

TABS: tuple[tuple[str, Any, str], ...] = (
    ("overview", _("Overview"), "console:integration"),
    ("logs", _("Logs"), "console:integration_logs"),
    ("rules", _("Fields"), "console:integration_rules"),
    ("mappings", _("Mappings"), "console:integration_mappings"),
    ("conflicts", _("Conflicts"), "console:integration_conflicts"),
    ("deliveries", _("Deliveries"), "console:integration_deliveries"),
    ("runs", _("Runs"), "console:integration_runs"),
    ("settings", _("Settings"), "console:integration_settings"),
)
"""Key, label, name of the address."""


class Tab(Page):
    """A page of the integration `self.one`. Its template extends `console/integrations/tab.html`."""

    key: ClassVar[str]

    @cached_property
    def one(self) -> Integration:
        return self.integration(self.kwargs["pk"])

    def show(self, status: int = 200, **more: Any) -> Any:
        shared = {"integration": self.one, "tabs": [*self._tabs()], "stopped": self.one.status not in RUNNABLE}
        return super().show(status, **shared, **more)

    def heading(self) -> Any:
        return self.one.name

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Integrations"), reverse("console:integrations")

    def _tabs(self) -> Iterable[dict[str, Any]]:
        for key, label, name in TABS:
            yield {"label": label, "address": reverse(name, args=[self.one.pk]), "current": key == self.key}
