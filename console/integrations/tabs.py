"""What the tabs of an integration share: the integration, its heading, and the row of tabs.

A tab of another part is a `Tab` with its own `key`; its page is named in `TABS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Page
from integrations.models import Integration

TABS: tuple[tuple[str, Any, str], ...] = (("overview", _("Overview"), "console:integration"),)
"""Key, label, name of the address. A tab whose part is not installed is left out."""


class Tab(Page):
    """A page of one integration. Its template fills `{% block tabs %}` with
    `{% include "console/integrations/tabs.html" %}`."""

    key: ClassVar[str]

    @cached_property
    def one(self) -> Integration:
        return self.integration(self.kwargs["pk"])

    def show(self, status: int = 200, **more: Any) -> Any:
        return super().show(status, **{"integration": self.one, "tabs": [*self._tabs()], **more})

    def heading(self) -> Any:
        return self.one.name

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Integrations"), reverse("console:integrations")

    def _tabs(self) -> Iterable[dict[str, Any]]:
        for key, label, name in TABS:
            try:
                address = reverse(name, args=[self.one.pk])
            except NoReverseMatch:
                continue
            yield {"label": label, "address": address, "current": key == self.key}
