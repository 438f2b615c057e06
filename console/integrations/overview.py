"""The first tab of an integration."""

from __future__ import annotations

from console.integrations.tabs import Tab


class Overview(Tab):
    key = "overview"
    template_name = "console/integrations/overview.html"
