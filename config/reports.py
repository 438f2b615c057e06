"""What a report of an unexpected error holds."""

from __future__ import annotations

from collections.abc import ItemsView
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from connectors.base.redaction import HIDDEN, is_secret


class NoVariables(SafeExceptionReporterFilter):
    """Django hides variables by name in functions that are marked. Here a credential may stand in any variable of
    any frame, so in production reports hold none; with DEBUG those that are named like secrets are hidden."""

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        shown = tb_frame.f_locals if settings.DEBUG else {}
        return {name: HIDDEN if is_secret(name) else value for name, value in shown.items()}.items()
