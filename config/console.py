"""How the console looks and what stands around its pages: settings of django-unfold."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

INDIGO = {
    "50": "oklch(96.2% .018 272.3)",
    "100": "oklch(93% .034 272.8)",
    "200": "oklch(87% .065 274)",
    "300": "oklch(78.5% .115 274.7)",
    "400": "oklch(67.3% .182 276.9)",
    "500": "oklch(58.5% .233 277.1)",
    "600": "oklch(51.1% .262 277)",
    "700": "oklch(45.7% .24 277)",
    "800": "oklch(39.8% .195 277.4)",
    "900": "oklch(35.9% .144 278.7)",
    "950": "oklch(25.7% .09 281.3)",
}
"""White on 600 has a contrast of 6:1, so that buttons can be read by most people."""
# Dotted names are called with the request by unfold, once per page.
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Lockstep",
    "SITE_HEADER": "Lockstep",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "COLORS": {"primary": INDIGO},
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("set_language")},
    "ACCOUNT": {
        "navigation": [
            {"title": _("Language and time zone"), "link": reverse_lazy("console:preferences")},
            {"title": _("API tokens"), "link": reverse_lazy("console:tokens")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "STYLES": ["console.frame.style"],
    "SCRIPTS": ["console.frame.script"],
    "LOGIN": {"form": "console.login.LogInForm"},
    "SIDEBAR": {"show_search": True, "navigation": "console.navigation.navigation"},
}
