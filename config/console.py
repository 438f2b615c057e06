"""How the console looks and what stands around its pages: settings of django-unfold."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy

# Dotted names are called with the request by unfold, once per page.
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Lockstep",
    "SITE_HEADER": "Lockstep",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("set_language")},
    "STYLES": ["console.frame.style"],
    "SCRIPTS": ["console.frame.script"],
    "SIDEBAR": {"show_search": True, "navigation": "console.navigation.navigation"},
}
